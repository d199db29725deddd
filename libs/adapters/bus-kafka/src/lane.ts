import type { ReceivedMessage } from '@atelier/ports';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaSubscription } from './kafka-subscription.js';

/** One running call of a handler. */
export interface Delivery {
  readonly abort: AbortController;
}

interface WaitingMessage {
  readonly offset: bigint;
  readonly message: Omit<ReceivedMessage, 'attempt'>;
}

/**
 * One partition that this process owns: the messages fetched but not handled, and how far it has come. Fetching runs
 * ahead of handling, so that neither a long handler nor the broker's long poll delays what comes after.
 */
export class Lane {
  private readonly waiting: WaitingMessage[] = [];
  /** Next offset to be fetched; null until the first batch says where the partition starts. */
  next: bigint | null;
  /** Everything below is handled; null while nothing is. */
  handled: bigint | null = null;
  /** What the broker last confirmed of `handled`. */
  committed: bigint | null = null;
  highWatermark: bigint | null = null;
  /** Failed deliveries of the message at the head. */
  failures = 0;
  backingOff = false;
  /** True once the partition is someone else's: nothing that still runs here is committed. */
  revoked = false;
  fetchPaused = false;
  delivery: Delivery | null = null;

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly subscription: KafkaSubscription,
    /** Whether this process may start on a message now. */
    readonly isOwned: () => boolean,
    /** A message was handled. */
    readonly onHandled: (lane: Lane) => void,
    start: bigint | null,
  ) {
    this.next = start;
  }

  /** Offset of the next message to be handled; null while nothing is known of the partition. */
  get position(): bigint | null {
    return this.handled ?? this.waiting[0]?.offset ?? this.next;
  }

  get isUncommitted(): boolean {
    return this.handled !== null && (this.committed === null || this.handled > this.committed);
  }

  get buffered(): number {
    return this.waiting.length;
  }

  get isBusy(): boolean {
    return this.delivery !== null || this.failures > 0;
  }

  /** Messages that the broker had when it was last asked and that are not handled. */
  get lag(): number {
    if (this.highWatermark === null) return this.waiting.length;
    return Math.max(0, Number(this.highWatermark - (this.position ?? this.highWatermark)));
  }

  /** Takes what is new of a fetched batch: after a rebalance the broker may send what waits here already. */
  accept(messages: readonly KafkaMessage[]): void {
    for (const message of messages) {
      const offset = BigInt(message.offset);
      if (this.next !== null && offset < this.next) continue;
      this.waiting.push({ offset, message: toReceived(this.topic, this.partition, message) });
      this.next = offset + 1n;
    }
  }

  /** The message to deliver next, if the partition may deliver one now. */
  head(): Omit<ReceivedMessage, 'attempt'> | undefined {
    if (this.delivery || this.backingOff || this.revoked) return undefined;
    return this.waiting[0]?.message;
  }

  finishHead(): void {
    const finished = this.waiting.shift();
    if (!finished) return;
    this.handled = finished.offset + 1n;
    this.failures = 0;
  }
}

/** Whatever a foreign producer wrote, it arrives as text: what is no message is for the handler's parser to reject. */
function toReceived(topic: string, partition: number, message: KafkaMessage): Omit<ReceivedMessage, 'attempt'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = last.toString();
  }
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString() ?? null,
    value: message.value?.toString() ?? '',
    headers,
  };
}
