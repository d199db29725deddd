import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SessionError, toSessionError } from './session-error.js';
import type { Feed, SessionOutputs, SessionReply, SessionRequest, SessionThreadData } from './session-messages.js';
import { ThreadControl } from './thread-control.js';

/** Longer than any step on a slow machine. */
const EXIT_WAIT_MS = 10_000;

type Unnumbered<R> = R extends { id: number } ? Omit<R, 'id'> : never;

interface Pending {
  resolve(outputs: SessionOutputs): void;
  reject(error: Error): void;
}

/** Beside this file: `.ts` when it runs from its source, `.js` when it is built. */
const THREAD_URL = new URL(`./session-thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Runs graphs in a thread of their own, one at a time in the order of the calls. A thread that dies fails the calls
 * under way; the next call starts another one.
 */
export class SessionHost {
  private thread: Worker | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private readonly control = new ThreadControl();
  private closed = false;
  /** Runs also when somebody calls `process.exit` or nobody caught an error. */
  private readonly onProcessExit = () => {
    this.control.stop();
    this.control.waitUntilIdle(EXIT_WAIT_MS);
  };

  constructor(private readonly data: Omit<SessionThreadData, 'control'>) {
    process.on('exit', this.onProcessExit);
  }

  /** Loads a graph before its first run asks for it. */
  async load(graph: string): Promise<void> {
    await this.call({ op: 'load', graph });
  }

  async run(graph: string, feeds: Readonly<Record<string, Feed>>): Promise<SessionOutputs['tensors']> {
    return (await this.call({ op: 'run', graph, feeds })).tensors;
  }

  /** Runs a graph whose first output is float planes [1, 3, rows, columns] of 0..1; answers RGB bytes. */
  async runToPixels(graph: string, feeds: Readonly<Record<string, Feed>>): Promise<Uint8Array> {
    const { pixels } = await this.call({ op: 'run', graph, feeds, asPixels: true });
    return pixels as Uint8Array;
  }

  /** Runs a graph and keeps its first output in the thread. Release it when done. */
  async runAndHold(graph: string, feeds: Readonly<Record<string, Feed>>): Promise<number> {
    const hold = this.nextId;
    await this.call({ op: 'run', graph, feeds, hold });
    return hold;
  }

  release(held: number): void {
    if (this.thread) this.call({ op: 'release', held }).catch(() => undefined);
  }

  /** Waits for the graph that runs now; calls behind it fail. */
  async close(): Promise<void> {
    this.closed = true;
    this.control.stop();
    this.thread?.ref();
    await this.control.idle();
    await this.thread?.terminate();
    process.off('exit', this.onProcessExit);
  }

  private call(request: Unnumbered<SessionRequest>): Promise<SessionOutputs> {
    if (this.closed) return Promise.reject(new SessionError('the engine is closed'));
    const id = this.nextId++;
    const thread = this.thread ?? this.start();
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      // An idle engine keeps no process alive; one with a call under way does.
      thread.ref();
      thread.postMessage({ ...request, id });
    });
  }

  private start(): Worker {
    const workerData: SessionThreadData = { ...this.data, control: this.control.words };
    const thread = new Worker(THREAD_URL, { workerData, name: 'inference', execArgv: [] });
    thread.on('message', (reply: SessionReply) => this.settle(reply));
    thread.on('error', (error) => this.lose(thread, error));
    thread.on('exit', (code) => this.lose(thread, new SessionError(`the inference thread ended with code ${code}`)));
    this.thread = thread;
    return thread;
  }

  private settle(reply: SessionReply): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0 && !this.closed) this.thread?.unref();
    if ('error' in reply) pending?.reject(toSessionError(reply.error));
    else pending?.resolve(reply.outputs);
  }

  private lose(thread: Worker, error: unknown): void {
    if (this.thread !== thread) return;
    this.thread = null;
    this.control.forgetCalls();
    const lost = toSessionError(error instanceof Error ? error.message : String(error), error);
    for (const { reject } of this.pending.values()) reject(lost);
    this.pending.clear();
  }
}
