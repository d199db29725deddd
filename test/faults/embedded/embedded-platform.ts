import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { DataFolder } from '@atelier/embedded';
import { systemClock } from '@atelier/platform';
import type { TenantShare } from '@atelier/ports';
import { createEmbeddedStore } from '@atelier/store-prisma';
import { journalBytes, readJournal, writeJournal } from '../journal.ts';
import { killByMemory } from '../kill-by-memory.ts';
import type { PlantedBug } from '../planted-bugs.ts';
import {
  type EndState,
  type KillPlan,
  NotInThisProfileError,
  type Platform,
  PlatformFailedError,
  type PlatformOptions,
  type ProcessName,
  type Profile,
} from '../profile.ts';
import { readEndOf } from '../read-end.ts';
import type { ChildConfig, FromChild, ToChild } from './child-protocol.ts';

const PLANT_BUG = new URL('../plant-bug.ts', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./platform-child.ts', import.meta.url));

/** Everything in one process: what a laptop runs. */
export const EMBEDDED: Profile = {
  name: 'embedded',
  processes: ['platform'],
  infrastructure: [],
  create: (options) => new EmbeddedPlatform(options),
  close: async () => undefined,
};

/** A platform in a process of its own that dies and comes back on the same data folder. */
class EmbeddedPlatform implements Platform {
  private child: ChildProcess | null = null;
  private url: PromiseWithResolvers<string> = Promise.withResolvers();
  private over: Promise<void> = Promise.resolve();
  private readonly waiting = new Map<number, (answer: FromChild & { kind: 'answer' }) => void>();
  private asked = 0;
  private stopping = false;
  private readonly config: ChildConfig;
  private readonly bug: PlantedBug | undefined;

  constructor({ name, folder, bug, apiReplicas: _onlyOne, ...options }: PlatformOptions) {
    this.bug = bug;
    this.config = { dataDir: join(folder, name), journalFile: join(folder, `${name}.jsonl`), ...options };
  }

  start(changes: { readonly kill?: KillPlan } = {}): { readonly ended: Promise<void> } {
    let errors = '';
    const child = fork(PROGRAM, [JSON.stringify({ ...this.config, ...changes })], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...(this.bug ? ['--import', PLANT_BUG] : [])],
      // A test runner's own conditions would lead the child to sources that Node cannot run.
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PLANTED_EDITS: JSON.stringify(this.bug?.edits ?? []) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('message', (message: FromChild) => {
      if (message.kind === 'ready') this.url.resolve(message.url);
      else this.waiting.get(message.number)?.(message);
    });
    this.over = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        this.child = null;
        this.url.resolve('');
        this.url = Promise.withResolvers();
        for (const answer of this.waiting.values()) answer({ kind: 'answer', number: 0 });
        this.waiting.clear();
        if (signal === 'SIGKILL' || (this.stopping && code === 0)) resolve();
        else reject(new PlatformFailedError(`the platform ended with ${signal ?? code}:\n${errors}`));
      });
    });
    this.over.catch(() => undefined);
    return { ended: this.over };
  }

  async address(): Promise<string> {
    for (;;) {
      const url = await this.url.promise;
      if (url !== '') return url;
    }
  }

  async addresses(): Promise<readonly string[]> {
    return [await this.address()];
  }

  async unfinished(): Promise<number | null> {
    return (await this.ask('unfinished'))?.unfinished ?? null;
  }

  async shares(): Promise<TenantShare[]> {
    return (await this.ask('shares'))?.shares ?? [];
  }

  async setClock(_process: ProcessName, offsetMs: number): Promise<void> {
    await this.ask('clock', { offsetMs });
  }

  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.over;
  }

  async killByMemory(): Promise<'kernel' | 'signal'> {
    await this.address();
    const pid = this.child?.pid as number;
    writeJournal(this.config.journalFile, {
      kind: 'killed',
      at: Date.now(),
      point: 'worker.before-execute',
      progress: null,
    });
    return killByMemory(pid, this.over);
  }

  async keepAlive(signal: AbortSignal): Promise<number> {
    for (let lives = 1; ; lives += 1) {
      const { ended } = this.start();
      await ended;
      if (signal.aborted) return lives;
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.child?.send({ ask: 'stop', number: 0 } satisfies ToChild);
    await this.over;
  }

  async terminate(): Promise<number> {
    const startedMs = performance.now();
    this.stopping = true;
    this.child?.kill('SIGTERM');
    await this.over;
    this.stopping = false;
    return performance.now() - startedMs;
  }

  async freeze(): Promise<void> {
    this.child?.kill('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.child?.kill('SIGCONT');
  }

  async disturb(): Promise<void> {
    throw new NotInThisProfileError('nothing stands beside the embedded platform');
  }

  abandon(): void {
    this.child?.kill('SIGKILL');
  }

  journal() {
    return readJournal(this.config.journalFile);
  }

  journalBytes(): number {
    return journalBytes(this.config.journalFile);
  }

  async readEnd(): Promise<EndState> {
    const folder = new DataFolder(this.config.dataDir);
    const store = await createEmbeddedStore({ dataDir: folder.database, clock: systemClock });
    const blobs = new FilesystemBlobStore({ directory: folder.blobs, clock: systemClock });
    try {
      return await readEndOf({ store, blobs }, this.config.tenants);
    } finally {
      await store.close();
    }
  }

  private async ask(
    ask: ToChild['ask'],
    parameters: { readonly offsetMs?: number } = {},
  ): Promise<(FromChild & { kind: 'answer' }) | null> {
    await this.address();
    const { child } = this;
    if (!child?.connected) return null;
    this.asked += 1;
    const number = this.asked;
    const answer = await new Promise<FromChild & { kind: 'answer' }>((resolve) => {
      this.waiting.set(number, resolve);
      child.send({ ask, number, ...parameters } as ToChild, (error) => {
        if (error) resolve({ kind: 'answer', number: 0 });
      });
    });
    this.waiting.delete(number);
    return answer.number === number ? answer : null;
  }
}
