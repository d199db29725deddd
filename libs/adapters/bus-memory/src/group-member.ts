import type { Clock, MessageHandler, OutgoingMessage, Subscription } from '@atelier/ports';
import type { ConsumerGroup, Cursor } from './consumer-group.js';
import type { TurnScheduler } from './turn-scheduler.js';

/** One running call of a handler. */
export interface Delivery {
  readonly abort: AbortController;
}

export const DEFAULT_DRAIN_MS = 10_000;

/** A subscription: takes the partitions it owns one message at a time, at most `concurrency` partitions at once. */
export class GroupMember implements Subscription {
  readonly partitions: ReadonlySet<number> | null;
  readonly claim: number;
  private readonly ready = new Set<Cursor>();
  private readonly running = new Map<Delivery, Cursor>();
  private readonly idleWaiters: (() => void)[] = [];
  private paused = false;
  private closed: Promise<void> | null = null;
  private scheduled = false;

  constructor(
    private readonly group: ConsumerGroup,
    private readonly handler: MessageHandler,
    private readonly options: {
      readonly concurrency: number;
      readonly partitions: readonly number[] | undefined;
      readonly claim: number;
    },
    private readonly clock: Clock,
    private readonly scheduler: TurnScheduler,
    private readonly onClosed: () => void,
  ) {
    this.partitions = options.partitions ? new Set(options.partitions) : null;
    this.claim = options.claim;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.schedule();
  }

  close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.closed ??= this.drain(drainMs);
    return this.closed;
  }

  offer(cursor: Cursor): void {
    this.ready.add(cursor);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.paused || this.closed || this.ready.size === 0) return;
    this.scheduled = true;
    this.scheduler.schedule(() => {
      this.scheduled = false;
      this.takeReady();
    });
  }

  private takeReady(): void {
    for (const cursor of this.ready) {
      if (this.paused || this.closed || this.running.size >= this.options.concurrency) return;
      this.ready.delete(cursor);
      const message = cursor.owner === this ? this.group.waiting(cursor) : undefined;
      if (message) void this.deliver(cursor, message);
    }
  }

  private async deliver(cursor: Cursor, message: OutgoingMessage): Promise<void> {
    const delivery: Delivery = { abort: new AbortController() };
    cursor.inFlight = delivery;
    this.running.set(delivery, cursor);
    let failed = false;
    try {
      await this.handler(
        {
          topic: message.topic,
          partition: cursor.partition,
          offset: String(cursor.next),
          key: message.key,
          value: message.value,
          headers: { ...message.headers },
          attempt: cursor.failures + 1,
        },
        { signal: delivery.abort.signal },
      );
    } catch {
      failed = true;
    }
    // An abandoned delivery has no say any more: its message belongs to another member.
    if (!this.running.delete(delivery)) return;
    if (!failed) this.group.acknowledge(cursor);
    else if (delivery.abort.signal.aborted) this.group.handOver(cursor);
    else this.group.retryLater(cursor);
    if (this.running.size === 0) for (const wake of this.idleWaiters.splice(0)) wake();
    this.schedule();
  }

  private async drain(drainMs: number): Promise<void> {
    this.ready.clear();
    this.group.leave(this);
    const timer = new AbortController();
    await Promise.race([this.idle(), this.clock.sleep(drainMs, timer.signal)]);
    timer.abort();
    if (this.running.size > 0) await this.abandonRunning();
    this.onClosed();
  }

  private idle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private async abandonRunning(): Promise<void> {
    for (const delivery of this.running.keys()) delivery.abort.abort(new Error('the subscription closed'));
    // One turn of the event loop for handlers that end at once when their signal aborts.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [delivery, cursor] of this.running) {
      this.running.delete(delivery);
      this.group.handOver(cursor);
    }
  }
}
