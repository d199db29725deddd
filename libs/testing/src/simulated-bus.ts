import { parseMessage, type TopicName } from '@atelier/contracts';
import type { MessageBus, OutgoingMessage, TopicHandler } from '@atelier/ports';

export interface SimulatedBusOptions {
  /** Every message arrives this many times. @default 1 */
  readonly copies?: number;
  /** Uniform in [0, 1): messages arrive in an order drawn from it. @default in publishing order */
  readonly random?: () => number;
  /** False loses the message. @default all arrive */
  readonly deliver?: (message: OutgoingMessage) => boolean;
}

interface Pending {
  readonly message: OutgoingMessage;
  readonly group: string;
  attempt: number;
}

const MAX_ATTEMPTS = 20;
/** Turns of the event loop without a message after which nothing is expected to come without time passing. */
const QUIET_TURNS = 12;

/**
 * A bus in one queue, delivering only while a spec lets it: repeats, reorders and loses messages on demand. Of several
 * handlers of one topic and group the next one in turn gets a message.
 */
export class SimulatedBus implements Pick<MessageBus, 'publish'> {
  readonly published: OutgoingMessage[] = [];
  private handlers: TopicHandler[] = [];
  private turns = 0;
  private pending: Pending[] = [];

  constructor(public options: SimulatedBusOptions = {}) {}

  bind(handlers: readonly TopicHandler[]): void {
    this.handlers.push(...handlers);
  }

  /** A process is gone: its handlers get nothing more. */
  unbind(handlers: readonly TopicHandler[]): void {
    this.handlers = this.handlers.filter((handler) => !handlers.includes(handler));
  }

  /** What is under way is lost, as it is when a bus in memory ends with its process. */
  loseAll(): void {
    this.pending = [];
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) {
      this.published.push(message);
      this.enqueue(message);
    }
  }

  /** Delivers a message once more, long after it was first there. */
  redeliver(message: OutgoingMessage): void {
    this.enqueue(message);
  }

  /** What was published on a topic. */
  on(topic: TopicName): OutgoingMessage[] {
    return this.published.filter((message) => message.topic === topic);
  }

  /** Delivers until nothing is left and nothing new comes. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      while (this.pending.length > 0) {
        quiet = 0;
        await this.deliverNext();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Delivers at most `count` messages, then leaves the rest where it is. */
  async deliver(count: number): Promise<void> {
    for (let delivered = 0; delivered < count; delivered += 1) {
      for (let turn = 0; turn < QUIET_TURNS && this.pending.length === 0; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await this.deliverNext();
    }
  }

  private enqueue(message: OutgoingMessage): void {
    if (this.options.deliver && !this.options.deliver(message)) return;
    const groups = new Set(this.handlers.filter(({ topic }) => topic === message.topic).map(({ group }) => group));
    for (const group of groups) {
      for (let copy = 0; copy < (this.options.copies ?? 1); copy += 1) {
        this.pending.push({ message, group, attempt: 1 });
      }
    }
  }

  private async deliverNext(): Promise<void> {
    const { random } = this.options;
    const index = random ? Math.floor(random() * this.pending.length) : 0;
    const [next] = this.pending.splice(index, 1);
    if (!next) return;
    const { message, group, attempt } = next;
    const members = this.handlers.filter((one) => one.topic === message.topic && one.group === group);
    this.turns += 1;
    const handler = members[this.turns % Math.max(members.length, 1)];
    if (!handler) return;
    try {
      await handler.handle(parseMessage(handler.topic, message.value), {
        signal: new AbortController().signal,
        message: { ...message, partition: message.partition ?? 0, offset: '0', attempt },
      });
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) throw error;
      next.attempt += 1;
      this.pending.push(next);
    }
  }
}
