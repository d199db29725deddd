import { createServer } from 'node:net';
import type { CpuProfile } from './cpu-profile.ts';

const OPENS_WITHIN_MS = 10_000;
const SAMPLE_US = 500;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** A Node process whose inspector was opened by signal, on the port that its `--inspect-port` names. */
export class InspectedProcess {
  private next = 0;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id !== undefined) this.waiting.get(id)?.(result);
    });
  }

  static async attach(pid: number, port: number): Promise<InspectedProcess> {
    process.kill(pid, 'SIGUSR1');
    const deadlineMs = performance.now() + OPENS_WITHIN_MS;
    for (;;) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
        const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
        const socket = new WebSocket(target?.webSocketDebuggerUrl as string);
        await new Promise((resolve, reject) => {
          socket.addEventListener('open', resolve);
          socket.addEventListener('error', reject);
        });
        return new InspectedProcess(socket);
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Profiles the process while `work` goes on. */
  async profileDuring<T>(work: () => Promise<T>): Promise<{ readonly profile: CpuProfile; readonly result: T }> {
    await this.call('Profiler.enable');
    await this.call('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await this.call('Profiler.start');
    const result = await work();
    const { profile } = (await this.call('Profiler.stop')) as { profile: CpuProfile };
    return { profile, result };
  }

  close(): void {
    this.socket.close();
  }

  private call(method: string, params: object = {}): Promise<unknown> {
    this.next += 1;
    const id = this.next;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
