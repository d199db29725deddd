import type { Clock, CrashPoints, GenerationStore, MessageBus, OutboxRow } from '@atelier/ports';

export interface OutboxRelayOptions {
  readonly store: Pick<GenerationStore, 'readOutbox' | 'markPublished'>;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  /** Only the leader publishes: two relays would repeat every message and mix their order. */
  readonly isLeader: () => boolean;
  readonly onError: (error: unknown, where: string) => void;
  /** Rows read and published at once. @default 200 */
  readonly batch?: number;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/**
 * Publishes outbox rows in commit order, at least once: a row is marked only after the bus took it. Marking is not
 * waited for, so that the next row does not stand behind the bookkeeping of the last one.
 */
export class OutboxRelay {
  private running: Promise<void> | null = null;
  private again = false;
  /** Published by this process and not yet marked: read again, but not to be published again. */
  private readonly unmarked = new Set<string>();
  private readonly marking = new Set<Promise<void>>();
  private stopping = new AbortController();

  constructor(private readonly options: OutboxRelayOptions) {}

  /** Call whenever a row may wait; calls during a run lead to one more run. */
  wake(): void {
    this.again = true;
    if (this.running || this.stopping.signal.aborted) return;
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.allSettled(this.marking);
  }

  private async run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (this.again && !this.stopping.signal.aborted && this.options.isLeader()) {
      this.again = false;
      try {
        if (await this.publishNext()) this.again = true;
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        this.options.onError(error, 'outbox relay');
        this.again = true;
        await this.options.clock.sleep(retryMs, this.stopping.signal);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
    // Another process leads: its relay is woken by the same commits.
    if (!this.options.isLeader()) this.again = false;
  }

  /** True where more rows may follow. */
  private async publishNext(): Promise<boolean> {
    const { store, bus, crashPoints, batch = 200 } = this.options;
    const rows = await store.readOutbox(batch);
    const fresh = rows.filter((row) => !this.unmarked.has(row.id));
    if (fresh.length > 0) {
      crashPoints.reach('relay.before-publish');
      await bus.publish(fresh.map(toMessage));
      for (const row of fresh) this.unmarked.add(row.id);
      crashPoints.reach('relay.between-publish-and-mark');
      this.mark(fresh);
    } else if (rows.length > 0 && this.marking.size === 0) {
      // An earlier mark failed.
      this.mark(rows);
    }
    const isFull = rows.length === batch;
    // A page full of rows that are being marked hides the ones behind it.
    if (isFull) await Promise.all(this.marking);
    return isFull;
  }

  private mark(rows: readonly OutboxRow[]): void {
    const ids = rows.map((row) => row.id);
    const marking: Promise<void> = this.options.store
      .markPublished(ids)
      .then(() => {
        for (const id of ids) this.unmarked.delete(id);
        this.options.crashPoints.reach('relay.after-mark');
      })
      .catch((error: unknown) => this.options.onError(error, 'outbox mark'))
      .finally(() => this.marking.delete(marking));
    this.marking.add(marking);
  }
}

const toMessage = ({ topic, key, value, headers, partition }: OutboxRow) => ({
  topic,
  key,
  value,
  headers,
  ...(partition === undefined ? {} : { partition }),
});
