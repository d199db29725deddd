import type { Clock, MessageHandler, ReceivedMessage, SubscribeOptions, Subscription } from '@atelier/ports';
import type { Delivery, Lane } from './lane.js';

/** Delay before the n-th repetition: `initialMs` doubled each time, at most `maxMs`. */
export interface RedeliveryBackoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

export const DEFAULT_DRAIN_MS = 10_000;

/** Hands the messages of its lanes to a handler: one at a time per partition, at most `concurrency` partitions at once. */
export class KafkaSubscription implements Subscription {
  readonly lanes = new Set<Lane>();
  private readonly ready = new Set<Lane>();
  private readonly running = new Map<Delivery, Lane>();
  private readonly idleWaiters: (() => void)[] = [];
  private readonly closing = new AbortController();
  private isPaused = false;
  private closed: Promise<void> | null = null;
  /** Leaves the consumer groups; set by whoever joined them. */
  onDrained: () => Promise<void> = async () => undefined;

  constructor(
    readonly options: SubscribeOptions,
    private readonly handler: MessageHandler,
    private readonly clock: Clock,
    private readonly backoff: RedeliveryBackoff,
  ) {}

  get isClosing(): boolean {
    return this.closed !== null;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.wake();
  }

  close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.closed ??= this.drain(drainMs);
    return this.closed;
  }

  addLane(lane: Lane): void {
    this.lanes.add(lane);
  }

  /** The partition belongs to someone else. A message in hand may be finished unless `reason` interrupts it. */
  revoke(lane: Lane, reason: Error | null): void {
    lane.revoked = true;
    this.lanes.delete(lane);
    this.ready.delete(lane);
    if (reason) lane.delivery?.abort.abort(reason);
  }

  /** A message may be waiting in this lane. */
  offer(lane: Lane): void {
    this.ready.add(lane);
    this.takeReady();
  }

  /** Ownership that was in doubt is certain again. */
  wake(): void {
    for (const lane of this.lanes) this.ready.add(lane);
    this.takeReady();
  }

  private takeReady(): void {
    const { concurrency = 1 } = this.options;
    for (const lane of this.ready) {
      if (this.isPaused || this.closed || this.running.size >= concurrency) return;
      this.ready.delete(lane);
      const message = lane.isOwned() ? lane.head() : undefined;
      if (message) void this.deliver(lane, message);
    }
  }

  private async deliver(lane: Lane, message: Omit<ReceivedMessage, 'attempt'>): Promise<void> {
    const delivery: Delivery = { abort: new AbortController() };
    lane.delivery = delivery;
    this.running.set(delivery, lane);
    let failed = false;
    try {
      const received = { ...message, headers: { ...message.headers }, attempt: lane.failures + 1 };
      await this.handler(received, { signal: delivery.abort.signal });
    } catch {
      failed = true;
    }
    // An abandoned delivery has no say any more: its message belongs to another member.
    if (!this.running.delete(delivery)) return;
    lane.delivery = null;
    if (!lane.revoked) {
      if (failed) this.retryLater(lane);
      else this.acknowledge(lane);
    }
    if (this.running.size === 0) for (const wake of this.idleWaiters.splice(0)) wake();
    this.takeReady();
  }

  private acknowledge(lane: Lane): void {
    lane.finishHead();
    lane.onHandled(lane);
    this.ready.add(lane);
  }

  /** The handler threw: the partition waits, then delivers the same message again. */
  private retryLater(lane: Lane): void {
    lane.failures += 1;
    lane.backingOff = true;
    const delayMs = Math.min(this.backoff.maxMs, this.backoff.initialMs * 2 ** (lane.failures - 1));
    void this.clock.sleep(delayMs, this.closing.signal).then(() => {
      lane.backingOff = false;
      this.offer(lane);
    });
  }

  private async drain(drainMs: number): Promise<void> {
    this.closing.abort();
    this.ready.clear();
    const timer = new AbortController();
    await Promise.race([this.idle(), this.clock.sleep(drainMs, timer.signal)]);
    timer.abort();
    if (this.running.size > 0) await this.abandonRunning();
    await this.onDrained();
  }

  private idle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private async abandonRunning(): Promise<void> {
    for (const delivery of this.running.keys()) delivery.abort.abort(new Error('the subscription closed'));
    // One turn of the event loop for handlers that end at once when their signal aborts.
    await new Promise((resolve) => setImmediate(resolve));
    for (const lane of this.running.values()) lane.delivery = null;
    this.running.clear();
  }
}
