import { randomUUID } from 'node:crypto';
import {
  BusClosedError,
  type Clock,
  type MessageBus,
  type MessageHandler,
  type OutgoingMessage,
  type SubscribeOptions,
  type Subscription,
} from '@atelier/ports';
import type { Kafka } from 'kafkajs';
import { type KafkaBusHealth, readHealth } from './bus-health.js';
import { type BusLog, silentLog } from './bus-log.js';
import { GroupConsumer } from './group-consumer.js';
import type { GroupOptions, GroupTimes } from './group-context.js';
import { createClient } from './kafka-client.js';
import { DEFAULT_DRAIN_MS, KafkaSubscription, type RedeliveryBackoff } from './kafka-subscription.js';
import { Publisher } from './publisher.js';
import { SharedConsumer } from './shared-consumer.js';
import { slotAssigner } from './slot-assigner.js';
import { stickyAssigner } from './sticky-assigner.js';
import { TopicOffsets } from './topic-offsets.js';

export interface KafkaBusOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly log?: BusLog;
  /**
   * A consumer ended for a reason that no repetition cures. Its process reads nothing more and must end, so that
   * whoever runs it starts another one.
   */
  readonly onFatal: (error: Error) => void;
  /** @default 50 ms doubled up to 5 s */
  readonly redelivery?: RedeliveryBackoff;
  /** Value, key and headers together, in UTF-8. @default 1,000,000: with its framing that fits a broker's 1 MiB */
  readonly maxMessageBytes?: number;
  /** Times of the group protocol, for tests and for brokers far away. */
  readonly times?: Partial<GroupTimes>;
}

const TIMES: GroupTimes = { sessionMs: 10_000, heartbeatMs: 1_000, fetchWaitMs: 500 };

/** Subscriptions that can share one consumer: one group, each topic once. */
interface Cohort {
  readonly options: GroupOptions;
  readonly subscriptions: KafkaSubscription[];
  readonly opened: Promise<void>;
}

/**
 * Message bus over Kafka. Each subscription reads ahead of its handler, works in the background and commits by hand
 * once a message is handled and the partition is still its own.
 *
 * - `queue`: the consumer group `<group>`; members share the partitions of each topic.
 * - `queue` with `partitions`: one group per slot, `<group>.<topic>.slot-<n>`, so that no worker's coming and going
 *   touches another's slot. The highest `claim` owns a slot.
 * - `broadcast`: a group of its own for the process, from the end.
 *
 * Subscriptions opened in one turn of the event loop share a consumer where they can: an idle consumer costs CPU, and
 * a process that handles twelve topics need not be twelve members.
 */
export class KafkaBus implements MessageBus {
  private readonly client: Kafka;
  private readonly offsets: TopicOffsets;
  private readonly publisher: Publisher;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private readonly consumers = new Set<SharedConsumer>();
  private readonly times: GroupTimes;
  private readonly log: BusLog;
  private cohorts: Cohort[] = [];
  private isClosed = false;

  constructor(private readonly options: KafkaBusOptions) {
    const { brokers, clientId, log = silentLog, maxMessageBytes = 1_000_000, clock } = options;
    this.log = log;
    this.times = { ...TIMES, ...options.times };
    this.client = createClient(brokers, clientId, log);
    this.offsets = new TopicOffsets(this.client);
    this.publisher = new Publisher(this.client, this.offsets, log, maxMessageBytes, () => clock.monotonicMs());
  }

  /** Connects the producer; optional. Waits for a broker that is away. */
  async open(): Promise<void> {
    await this.publisher.open();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.publisher.publish(messages);
  }

  async subscribe(options: SubscribeOptions, handler: MessageHandler): Promise<Subscription> {
    if (this.isClosed) throw new BusClosedError();
    const { clock, redelivery = { initialMs: 50, maxMs: 5_000 } } = this.options;
    const subscription = new KafkaSubscription(options, handler, clock, redelivery);
    this.subscriptions.add(subscription);
    subscription.onDrained = async () => {
      await this.leave(subscription);
      this.subscriptions.delete(subscription);
    };
    try {
      await Promise.all(this.groupsOf(options).map((group) => this.join(group, subscription)));
    } catch (error) {
      await subscription.close(0);
      throw error;
    }
    return subscription;
  }

  async close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close(drainMs)));
    const timer = new AbortController();
    const deadline = this.options.clock.sleep(Math.max(drainMs, 1_000), timer.signal);
    await this.publisher.close(deadline);
    await Promise.race([this.offsets.close().catch(() => undefined), deadline]);
    timer.abort();
  }

  /** What metrics and readiness tell; costs nothing but a look at our own state. */
  health(): KafkaBusHealth {
    return readHealth(
      this.publisher,
      [...this.consumers].map(({ current }) => current),
    );
  }

  private groupsOf({ topic, group, delivery, partitions, claim }: SubscribeOptions): GroupOptions[] {
    const rank = claim ?? this.options.clock.now();
    if (delivery === 'broadcast') {
      return [{ groupId: 'broadcast', isBroadcast: true, assigner: stickyAssigner, rank }];
    }
    if (!partitions) return [{ groupId: group, isBroadcast: false, assigner: stickyAssigner, rank }];
    return partitions.map((partition) => ({
      groupId: `${group}.${topic}.slot-${partition}`,
      isBroadcast: false,
      assigner: (claims) => slotAssigner(partition, claims),
      rank,
    }));
  }

  private async join(options: GroupOptions, subscription: KafkaSubscription): Promise<void> {
    const { topic } = subscription.options;
    let cohort = this.cohorts.find(
      ({ options: { groupId }, subscriptions }) =>
        groupId === options.groupId && subscriptions.every((other) => other.options.topic !== topic),
    );
    if (!cohort) {
      const subscriptions: KafkaSubscription[] = [];
      cohort = { options, subscriptions, opened: this.openNextTurn(options, subscriptions) };
      this.cohorts.push(cohort);
    }
    cohort.subscriptions.push(subscription);
    await cohort.opened;
  }

  private async openNextTurn(options: GroupOptions, subscriptions: readonly KafkaSubscription[]): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.cohorts = this.cohorts.filter((cohort) => cohort.subscriptions !== subscriptions);
    await Promise.all(subscriptions.map(({ options: { topic } }) => this.offsets.requireTopic(topic)));
    // A broker that was away may have been waited for until nobody wants to read any more.
    const reading = subscriptions.filter(({ isClosing }) => !isClosing);
    if (reading.length === 0) throw new BusClosedError();
    await this.openConsumer(options, reading);
  }

  private async openConsumer(options: GroupOptions, subscriptions: readonly KafkaSubscription[]): Promise<void> {
    const { clock, onFatal } = this.options;
    const { client, log, times, offsets } = this;
    const groupId = options.isBroadcast ? `${options.groupId}.${randomUUID()}` : options.groupId;
    const context = { client, clock, log, times, offsets, onFatal };
    const consumer: SharedConsumer = new SharedConsumer(
      subscriptions,
      (readers) => new GroupConsumer(context, { ...options, groupId }, readers),
      () => this.consumers.delete(consumer),
    );
    this.consumers.add(consumer);
    await consumer.open();
  }

  private async leave(subscription: KafkaSubscription): Promise<void> {
    const own = [...this.consumers].filter((consumer) => consumer.has(subscription));
    await Promise.all(own.map((consumer) => consumer.leave(subscription)));
  }
}
