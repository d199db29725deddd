import { stageTopics, type TopicName } from '@atelier/contracts';
import type { Clock, CrashPoints, GenerationStore, MessageBus, NewOutboxRow, OutboxRow } from '@atelier/ports';

export interface OutboxRelayOptions {
  readonly store: Pick<GenerationStore, 'readOutbox' | 'markPublished'>;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  /** Only the leader publishes: two relays would repeat every message and mix their order. */
  readonly isLeader: () => boolean;
  readonly onError: (error: unknown, where: string) => void;
  /** True where no other process can be at work, so that every run is taken back at the start. @default false */
  readonly inheritedOrdersAreVoid?: boolean;
  /** Rows read and published at once. @default 200 */
  readonly batch?: number;
  /** How long the rows of commits that were published from memory may wait to be marked. @default 250 */
  readonly markDelayMs?: number;
}

const ORDERS: ReadonlySet<TopicName> = new Set(stageTopics('requested'));
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
const MAX_REMEMBERED = 20_000;

/**
 * Publishes outbox rows, at least once: a row is marked only after the bus took it. Rows of the leader's own commits are
 * published from memory the moment the commit is durable, and the rows marked soon after in one go; everything else
 * (other processes' commits, what a crash left behind, what the bus refused) is read from the outbox in commit order.
 * A row of memory may so overtake an older one of another writer; what depends on order is guarded by fences.
 *
 * One exception to at least once: an order that is found at the start is marked before it is published. It may be what
 * ended the last process, faster than that could mark it, and would end this one and the next; an order that is lost is
 * given anew when its lease ends, and its losses are counted. Where every run was taken back at the start anyway, such
 * an order is void and not published at all: a worker would draw for it what is about to be ordered again.
 */
export class OutboxRelay {
  /** Until everything that lay in the outbox at the start is published. */
  private inherits = true;
  private running: Promise<void> | null = null;
  private again = false;
  private wakingSoon = false;
  /** Rows that were published from memory, by event; `publishing` until the bus took them. */
  private readonly direct = new Map<string, 'publishing' | 'published'>();
  /** Ids of published rows that are not marked yet: read again, but not to be published again. */
  private readonly unmarked = new Set<string>();
  private readonly marking = new Set<Promise<void>>();
  private readonly publishing = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

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

  /** Publishes the rows of a commit that this process has just made. */
  publishNow(rows: readonly NewOutboxRow[]): void {
    if (rows.length === 0 || !this.options.isLeader() || this.stopping.signal.aborted) return;
    for (const row of rows) this.direct.set(eventOf(row), 'publishing');
    const publishing: Promise<void> = this.publishFromMemory(rows).finally(() => this.publishing.delete(publishing));
    this.publishing.add(publishing);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.publishing);
    await this.running;
    await Promise.allSettled(this.marking);
  }

  private async publishFromMemory(rows: readonly NewOutboxRow[]): Promise<void> {
    const { bus, crashPoints, onError } = this.options;
    try {
      crashPoints.reach('relay.before-publish');
      await bus.publish(rows.map(toMessage));
      crashPoints.reach('relay.between-publish-and-mark');
      for (const row of rows) this.direct.set(eventOf(row), 'published');
      this.forgetOldest();
      this.wakeSoon();
    } catch (error) {
      onError(error, 'publish');
      for (const row of rows) this.direct.delete(eventOf(row));
      this.wake();
    }
  }

  /** For rows that nobody waits for: they are read and marked together with those that follow shortly. */
  wakeSoon(): void {
    if (this.wakingSoon) return;
    this.wakingSoon = true;
    void this.options.clock.sleep(this.options.markDelayMs ?? 250, this.stopping.signal).then(() => {
      this.wakingSoon = false;
      this.wake();
    });
  }

  private async run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (this.again && !this.stopping.signal.aborted) {
      this.again = false;
      // Another process leads: its relay is woken by the same commits.
      if (!this.options.isLeader()) return;
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
  }

  /** True where more rows may follow. */
  private async publishNext(): Promise<boolean> {
    const { store, bus, crashPoints, batch = 200 } = this.options;
    const rows = await store.readOutbox(batch);
    const unseen = rows.filter((row) => !this.unmarked.has(row.id));
    const found = unseen.filter((row) => !this.direct.has(eventOf(row)));
    const orders = this.inherits ? found.filter(({ topic }) => ORDERS.has(topic as TopicName)) : [];
    if (orders.length > 0) await store.markPublished(orders.map(({ id }) => id));
    const others = found.filter((row) => !orders.includes(row));
    const fresh = this.options.inheritedOrdersAreVoid ? others : found;
    if (fresh.length > 0) {
      crashPoints.reach('relay.before-publish');
      await bus.publish(fresh.map(toMessage));
      crashPoints.reach('relay.between-publish-and-mark');
    }
    const done = [...others, ...unseen.filter((row) => this.direct.get(eventOf(row)) === 'published')];
    if (done.length > 0) this.mark(done);
    // An earlier mark failed.
    else if (this.marking.size === 0) this.mark(rows.filter((row) => this.unmarked.has(row.id)));
    const isFull = rows.length === batch;
    if (!isFull) this.inherits = false;
    // A page full of rows that are being marked hides the ones behind it.
    if (isFull) await Promise.all(this.marking);
    return isFull;
  }

  /** Not waited for: the next row does not stand behind the bookkeeping of the last one. */
  private mark(rows: readonly OutboxRow[]): void {
    if (rows.length === 0) return;
    for (const row of rows) this.unmarked.add(row.id);
    const marking: Promise<void> = this.options.store
      .markPublished(rows.map((row) => row.id))
      .then(() => {
        for (const row of rows) {
          this.unmarked.delete(row.id);
          this.direct.delete(eventOf(row));
        }
        this.options.crashPoints.reach('relay.after-mark');
      })
      .catch((error: unknown) => this.options.onError(error, 'outbox mark'))
      .finally(() => this.marking.delete(marking));
    this.marking.add(marking);
  }

  /** Rows that were never found in the outbox would be remembered for ever. */
  private forgetOldest(): void {
    for (const event of this.direct.keys()) {
      if (this.direct.size <= MAX_REMEMBERED) return;
      this.direct.delete(event);
    }
  }
}

/** Identity of what a row says: the producer gives every event an id of its own. */
const eventOf = ({ topic, headers }: NewOutboxRow): string => `${topic}/${headers.ce_source}/${headers.ce_id}`;

const toMessage = ({ topic, key, value, headers, partition }: NewOutboxRow) => ({
  topic,
  key,
  value,
  headers,
  ...(partition === undefined ? {} : { partition }),
});
