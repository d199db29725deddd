/**
 * Delivery semantics that every adapter must prove (`message-bus.conformance.ts`):
 * - at least once: a message is delivered again after a handler throws or its process dies before it returned;
 * - order: messages of one partition reach one consumer of a group one after the other, in publishing order;
 *   `key` chooses the partition, `partition` overrides it;
 * - a handler may run for minutes without losing its subscription;
 * - `publish` resolves only once every message is accepted as durably as the technology allows, else it rejects;
 * - a `queue` subscription shares a topic between the members of its group, a `broadcast` one sees every message
 *   published after it was opened;
 * - the first member of a new `queue` group starts at the oldest message kept, later ones where the group stands;
 * - nothing is shared by reference: what one handler does to a message no other handler sees.
 */
export interface MessageBus {
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  subscribe(options: SubscribeOptions, handler: MessageHandler): Promise<Subscription>;
  /** Stops all subscriptions; running handlers get `drainMs` to finish before their signal aborts. */
  close(drainMs?: number): Promise<void>;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string;
  /** JSON text. The bus carries text, so that a message nobody can parse still has somewhere to go. */
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 1 for the first delivery as far as this process knows. */
  readonly attempt: number;
}

/** Resolving acknowledges; throwing asks for redelivery after a back-off. */
export type MessageHandler = (message: ReceivedMessage, context: { readonly signal: AbortSignal }) => Promise<void>;

export interface SubscribeOptions {
  readonly topic: string;
  readonly group: string;
  readonly delivery: 'queue' | 'broadcast';
  /** Messages of different partitions handled at once. @default 1 */
  readonly concurrency?: number;
  /** Only these partitions (a directed slot). @default all that the group assigns */
  readonly partitions?: readonly number[];
  /**
   * Rank of the claim to `partitions` where several subscriptions name the same: the highest owns them, the others
   * wait. Give one to every claimant of a slot (the fence of its lease) or to none. @default the time of subscribing
   */
  readonly claim?: number;
}

export interface Subscription {
  /** Fetches nothing more until `resume`; handlers in flight go on. */
  pause(): void;
  resume(): void;
  close(drainMs?: number): Promise<void>;
}

/** Thrown by `publish` and `subscribe` once the bus is closed. */
export class BusClosedError extends Error {
  override readonly name = 'BusClosedError';
  constructor() {
    super('the message bus is closed');
  }
}

/** Thrown by `publish` for a message that can never be accepted; nothing of its batch was published. */
export class MessageRejectedError extends Error {
  override readonly name = 'MessageRejectedError';
  constructor(
    readonly topic: string,
    readonly reason: 'too-large' | 'no-such-partition',
    detail: string,
  ) {
    super(`a message for ${topic} was rejected (${reason}): ${detail}`);
  }
}
