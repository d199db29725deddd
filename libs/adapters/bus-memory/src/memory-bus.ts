import { TOPICS, type TopicDefinition } from '@atelier/contracts';
import {
  BusClosedError,
  type Clock,
  type MessageBus,
  type MessageHandler,
  MessageRejectedError,
  type OutgoingMessage,
  type SubscribeOptions,
  type Subscription,
} from '@atelier/ports';
import type { RedeliveryBackoff } from './consumer-group.js';
import { DEFAULT_DRAIN_MS, GroupMember } from './group-member.js';
import { partitionOfKey } from './key-partition.js';
import { MemoryTopic } from './memory-topic.js';
import { TurnScheduler } from './turn-scheduler.js';

export interface MemoryBusOptions {
  readonly clock: Clock;
  /** @default the topic catalogue's count, 6 for a topic that is not in it */
  readonly partitionsOf?: (topic: string) => number;
  /** @default 50 ms doubled up to 5 s */
  readonly redelivery?: RedeliveryBackoff;
  /** Value, key and headers together, in UTF-8. @default 1,000,000, what brokers accept by default */
  readonly maxMessageBytes?: number;
  /** Messages a partition keeps for queue groups that open later, while no such group exists. @default 1024 */
  readonly retainedMessages?: number;
}

/**
 * Message bus inside one process. It keeps what a group has not acknowledged yet, also while the group has no member,
 * and forgets everything when the process ends: durability is the outbox's task.
 */
export class MemoryBus implements MessageBus {
  private readonly topics = new Map<string, MemoryTopic>();
  private readonly subscriptions = new Set<GroupMember>();
  private readonly scheduler = new TurnScheduler();
  private readonly closing = new AbortController();
  private readonly options: Required<MemoryBusOptions>;

  constructor(options: MemoryBusOptions) {
    this.options = {
      partitionsOf: cataloguedPartitions,
      redelivery: { initialMs: 50, maxMs: 5_000 },
      maxMessageBytes: 1_000_000,
      retainedMessages: 1024,
      ...options,
    };
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.closing.signal.aborted) throw new BusClosedError();
    const accepted = messages.map((message) => this.accept(message));
    for (const { topic, message, partition } of accepted) topic.append(message, partition);
  }

  async subscribe(options: SubscribeOptions, handler: MessageHandler): Promise<Subscription> {
    if (this.closing.signal.aborted) throw new BusClosedError();
    const { concurrency = 1, partitions, claim = this.options.clock.now() } = options;
    const topic = this.topic(options.topic);
    const group = options.delivery === 'queue' ? topic.queueGroup(options.group) : topic.openBroadcast();
    const member: GroupMember = new GroupMember(
      group,
      handler,
      { concurrency, partitions, claim },
      this.options.clock,
      this.scheduler,
      () => {
        this.subscriptions.delete(member);
        if (options.delivery === 'broadcast') topic.closeBroadcast(group);
      },
    );
    this.subscriptions.add(member);
    group.join(member);
    return member;
  }

  async close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close(drainMs)));
  }

  private accept(message: OutgoingMessage): { topic: MemoryTopic; message: OutgoingMessage; partition: number } {
    const topic = this.topic(message.topic);
    const partition = message.partition ?? partitionOfKey(message.key, topic.partitions);
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      const detail = `partition ${partition} of ${topic.partitions}`;
      throw new MessageRejectedError(message.topic, 'no-such-partition', detail);
    }
    const bytes = messageBytes(message);
    if (bytes > this.options.maxMessageBytes) {
      throw new MessageRejectedError(message.topic, 'too-large', `${bytes} bytes`);
    }
    return { topic, partition, message: { ...message, headers: { ...message.headers } } };
  }

  private topic(name: string): MemoryTopic {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = new MemoryTopic(this.options.partitionsOf(name), this.options, this.closing.signal);
      this.topics.set(name, topic);
    }
    return topic;
  }
}

function cataloguedPartitions(topic: string): number {
  const catalogue: Readonly<Record<string, TopicDefinition<never> | undefined>> = TOPICS as never;
  return catalogue[topic]?.partitions ?? 6;
}

function messageBytes({ value, key, headers }: OutgoingMessage): number {
  let bytes = Buffer.byteLength(value) + Buffer.byteLength(key);
  for (const [name, text] of Object.entries(headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}
