import { status } from '@grpc/grpc-js';
import { RuntimeConnection } from './grpc-inference.js';
import { RuntimeLostError, RuntimeUnusableError } from './runtime-errors.js';
import { EXIT_UNUSABLE, type RuntimeCommand, type RuntimeExit, RuntimeProcess } from './runtime-process.js';

export interface SupervisorOptions {
  readonly command: RuntimeCommand;
  /** Time to load and warm up. @default 300_000 */
  readonly startDeadlineMs?: number;
  /** Longest piece of work (one step, one decoding) before the process counts as hung. @default 60_000 */
  readonly workDeadlineMs?: number;
  /** @default 1_000 */
  readonly healthIntervalMs?: number;
  /** How long a health question may stay without an answer. @default 10_000 */
  readonly healthDeadlineMs?: number;
  /** Wait before the first restart in a row; doubles each time. @default 250 */
  readonly firstBackoffMs?: number;
  /** @default 30_000 */
  readonly maxBackoffMs?: number;
  readonly onEvent?: (event: SupervisorEvent) => void;
}

export type SupervisorEvent =
  | { readonly kind: 'started'; readonly pid: number | undefined }
  | { readonly kind: 'ready'; readonly afterMs: number }
  | { readonly kind: 'lost'; readonly cause: string; readonly restartInMs: number }
  | { readonly kind: 'unusable'; readonly cause: string }
  | { readonly kind: 'log'; readonly line: string };

/** One incarnation of the runtime that is warm. */
export interface LiveRuntime {
  readonly connection: RuntimeConnection;
  readonly process: RuntimeProcess;
  /** Resolves with the reason once this incarnation is gone. */
  readonly lost: Promise<string>;
}

/** Health questions in a row that a live process may leave without any connection. */
const MAX_REFUSALS = 5;

const DEFAULTS = {
  startDeadlineMs: 300_000,
  workDeadlineMs: 60_000,
  healthIntervalMs: 1_000,
  healthDeadlineMs: 10_000,
  firstBackoffMs: 250,
  maxBackoffMs: 30_000,
  onEvent: (_: SupervisorEvent) => {},
};

/** Milliseconds before the n-th restart in a row, n = 1, 2 ... */
export const backoffMs = (restart: number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** (restart - 1));

/**
 * Keeps one runtime process alive: starts it, asks for its health, kills it when it does not answer or when a piece of
 * work takes too long, and starts it anew with growing pauses. A process that says its weights are unusable stays down.
 */
export class RuntimeSupervisor {
  private readonly options: SupervisorOptions & typeof DEFAULTS;
  private readonly stopping = new AbortController();
  private current: Promise<LiveRuntime>;
  private readonly loop: Promise<void>;
  private settle: { resolve(runtime: LiveRuntime): void; reject(error: Error): void };
  private restarts = 0;
  private refusals = 0;

  constructor(options: SupervisorOptions) {
    this.options = { ...DEFAULTS, ...options };
    [this.current, this.settle] = promised<LiveRuntime>();
    this.loop = this.keepAlive();
  }

  /** The warm runtime, after a restart if need be. @throws RuntimeUnusableError, RuntimeLostError after `stop` */
  ready(): Promise<LiveRuntime> {
    return this.current;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async keepAlive(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const startedAt = performance.now();
      const runtime = new RuntimeProcess(this.options.command, (line) => this.options.onEvent({ kind: 'log', line }));
      this.options.onEvent({ kind: 'started', pid: runtime.pid });
      const { cause, exit, wasReady } = await this.watch(runtime, startedAt);
      if (this.stopping.signal.aborted) break;
      if (exit.code === EXIT_UNUSABLE) {
        this.options.onEvent({ kind: 'unusable', cause });
        this.settle.reject(new RuntimeUnusableError(cause));
        return;
      }
      this.restarts = wasReady ? 1 : this.restarts + 1;
      const restartInMs = backoffMs(this.restarts, this.options.firstBackoffMs, this.options.maxBackoffMs);
      this.options.onEvent({ kind: 'lost', cause, restartInMs });
      await pause(restartInMs, this.stopping.signal);
    }
    this.settle.reject(new RuntimeLostError('the runtime was stopped'));
  }

  /** From the start of one process to its end. */
  private async watch(process: RuntimeProcess, startedAt: number) {
    const connection = new RuntimeConnection(process.socketPath);
    const [lost, { resolve: tellLost }] = promised<string>();
    const ended = process.exited.then(() => true);
    const stop = () => void process.stop();
    this.stopping.signal.addEventListener('abort', stop, { once: true });
    let [verdict, wasReady] = ['', false];
    while (!verdict) {
      verdict = await this.examine(connection, performance.now() - startedAt, wasReady, (warm) => {
        if (!warm || wasReady) return;
        wasReady = true;
        this.options.onEvent({ kind: 'ready', afterMs: Math.round(performance.now() - startedAt) });
        this.settle.resolve({ connection, process, lost });
      });
      if (verdict) process.kill();
      else if (await Promise.race([ended, pause(this.options.healthIntervalMs).then(() => false)])) break;
    }
    const exit = await process.exited;
    this.stopping.signal.removeEventListener('abort', stop);
    const cause = verdict || describeExit(exit);
    // New callers wait for the next incarnation before those of this one learn that it is gone.
    if (wasReady) [this.current, this.settle] = promised<LiveRuntime>();
    tellLost(cause);
    connection.close();
    return { cause, exit, wasReady };
  }

  /** One question for its health. @returns why it must end, or an empty text */
  private async examine(
    connection: RuntimeConnection,
    ageMs: number,
    wasReady: boolean,
    onHealth: (warm: boolean) => void,
  ): Promise<string> {
    const { startDeadlineMs, workDeadlineMs, healthDeadlineMs } = this.options;
    if (!wasReady && ageMs > startDeadlineMs) return `not warm after ${startDeadlineMs} ms`;
    try {
      const health = await connection.call('health', {}, healthDeadlineMs);
      this.refusals = 0;
      onHealth(health.warm);
      if (wasReady && health.busyForMs > workDeadlineMs) return `hung: one piece of work takes ${health.busyForMs} ms`;
      return '';
    } catch (error) {
      // Before its socket exists nobody answers; a process that is gone is reported by its exit.
      if (!wasReady) return '';
      const isSilent = (error as { cause?: { code?: number } }).cause?.code === status.DEADLINE_EXCEEDED;
      if (isSilent) return `hung: no answer to a health question for ${healthDeadlineMs} ms`;
      this.refusals += 1;
      return this.refusals > MAX_REFUSALS ? 'it lives but accepts no connection' : '';
    }
  }
}

function describeExit({ code, signal, lastWords }: RuntimeExit): string {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  return lastWords ? `the runtime ${how}: ${lastWords}` : `the runtime ${how}`;
}

function promised<T>(): [Promise<T>, { resolve(value: T): void; reject(error: Error): void }] {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => {}); // whoever asks gets the error; nobody asking is no fault
  return [promise, { resolve, reject }];
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
