import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RuntimeCommand {
  /** The Python interpreter. */
  readonly program: string;
  /** Arguments up to the socket, e.g. `-m atelier_runtime.serving --weights <folder>`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RuntimeExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote to its standard error. */
  readonly lastWords: string;
}

/** Exit code of a runtime whose weights or options cannot be used. */
export const EXIT_UNUSABLE = 78;
const LAST_LINES = 12;

/** One process of gpu-runtime with a unix socket of its own. It ends with us: its standard input closes when we die. */
export class RuntimeProcess {
  readonly socketPath: string;
  readonly exited: Promise<RuntimeExit>;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private lines: string[] = [];

  constructor({ program, args, env }: RuntimeCommand, onLine: (line: string) => void = () => {}) {
    // Short: the path of a unix socket has at most 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), 'atelier-'));
    this.socketPath = join(this.folder, 'runtime.sock');
    this.child = spawn(program, [...args, '--socket', this.socketPath, '--exit-with-stdin'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.readLines(onLine);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        rmSync(this.folder, { recursive: true, force: true });
        resolve({ code, signal, lastWords: this.lines.join('\n') });
      };
      this.child.once('close', end);
      this.child.once('error', (error) => {
        this.lines.push(String(error));
        end(EXIT_UNUSABLE, null);
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Asks it to end; the promise resolves when it has. */
  async stop(patienceMs = 5_000): Promise<RuntimeExit> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), patienceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  /** Also ends a process that is stopped or stuck inside a kernel. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private readLines(onLine: (line: string) => void): void {
    let rest = '';
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      this.lines = [...this.lines, ...lines].slice(-LAST_LINES);
      for (const line of lines) onLine(line);
    });
    this.child.stdin?.on('error', () => {}); // it may end first
  }
}
