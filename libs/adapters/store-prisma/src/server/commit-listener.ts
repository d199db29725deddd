import type { Clock } from '@atelier/ports';
import pg from 'pg';
import type { CommitHints } from '../commit-hints.js';
import { COMMIT_CHANNEL, decodeCommit } from './commit-channel.js';

export interface CommitListenerOptions {
  readonly connection: pg.ClientConfig;
  readonly hints: CommitHints;
  /** Notifications of this origin are our own. */
  readonly origin: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** While there is no connection: pause between tries. @default 500 */
  readonly reconnectMs?: number;
  /** Pause between checks that the connection still lives, each followed by a look at everything. @default 10,000 */
  readonly checkMs?: number;
}

/**
 * A connection of its own that hears the commits of other processes and wakes those who wait in this one. PostgreSQL
 * keeps no notification for a listener that is away: after every gap, and now and then besides, everybody is woken.
 */
export class CommitListener {
  readonly #options: Required<CommitListenerOptions>;
  readonly #closing = new AbortController();
  #client: pg.Client | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: CommitListenerOptions) {
    this.#options = { reconnectMs: 500, checkMs: 10_000, ...options };
  }

  get isListening(): boolean {
    return this.#client !== null;
  }

  /** Resolves once commits are heard; throws if the first connection fails. */
  async open(): Promise<void> {
    const { client, lost } = await this.#connect();
    this.#running = this.#run(client, lost);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(first: pg.Client, firstLost: Promise<void>): Promise<void> {
    const { clock, hints, reconnectMs } = this.#options;
    const { signal } = this.#closing;
    let [client, lost]: [pg.Client | null, Promise<void>] = [first, firstLost];
    for (;;) {
      if (client !== null) await this.#hear(client, lost);
      if (signal.aborted) return;
      // A writer may have committed while nobody heard it; without a database its readers find out by the error.
      hints.announceAll();
      await clock.sleep(reconnectMs, signal);
      if (signal.aborted) return;
      try {
        ({ client, lost } = await this.#connect());
        hints.announceAll();
      } catch {
        client = null;
      }
    }
  }

  async #connect(): Promise<{ client: pg.Client; lost: Promise<void> }> {
    const { connection, hints, origin } = this.#options;
    const client = new pg.Client(connection);
    const lost = new Promise<void>((resolve) => {
      // Without a listener an error event would end the process.
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    client.on('notification', ({ payload }) => {
      const commit = decodeCommit(payload ?? '');
      if (commit !== null && commit.origin !== origin) hints.announce(commit);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${COMMIT_CHANNEL}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    return { client, lost };
  }

  /** Until the connection is lost, does not answer in time, or the listener closes. */
  async #hear(client: pg.Client, lost: Promise<void>): Promise<void> {
    const { clock, checkMs, hints } = this.#options;
    this.#client = client;
    const gone = AbortSignal.any([this.#closing.signal, abortedBy(lost)]);
    while (!gone.aborted) {
      await clock.sleep(checkMs, gone);
      if (gone.aborted) break;
      try {
        await client.query('SELECT 1');
        hints.announceAll();
      } catch {
        break;
      }
    }
    this.#client = null;
    client.removeAllListeners('notification');
    // The end waits for an answer that a frozen server never gives: nobody waits for it, nor does the process.
    (client as pg.Client & { unref(): void }).unref();
    void client.end().catch(() => undefined);
  }
}

const abortedBy = (event: Promise<void>): AbortSignal => {
  const controller = new AbortController();
  void event.then(() => controller.abort());
  return controller.signal;
};
