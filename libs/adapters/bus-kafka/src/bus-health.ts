import type { GroupConsumer } from './group-consumer.js';
import type { Publisher } from './publisher.js';

export interface PartitionHealth {
  readonly partition: number;
  /** Messages that the broker had at the last fetch and that are not handled. */
  readonly lag: number;
  /** Of these, fetched and waiting in this process. */
  readonly buffered: number;
  readonly isHandling: boolean;
  /** Failed deliveries of the message at the head. */
  readonly failures: number;
}

export interface SubscriptionHealth {
  readonly topic: string;
  readonly group: string;
  readonly delivery: 'queue' | 'broadcast';
  /** False while the broker has not answered for a whole session: nothing new is started then. */
  readonly isMember: boolean;
  /** Those this process owns; none where another process owns the slot. */
  readonly partitions: readonly PartitionHealth[];
}

export interface KafkaBusHealth {
  readonly publisher: {
    readonly queuedMessages: number;
    /** Age of the oldest message not accepted yet: it grows while no broker answers. */
    readonly oldestQueuedMs: number;
    readonly sentMessages: number;
    readonly failedMessages: number;
  };
  readonly subscriptions: readonly SubscriptionHealth[];
}

export function readHealth(publisher: Publisher, consumers: readonly GroupConsumer[]): KafkaBusHealth {
  const { queuedMessages, oldestQueuedMs, sentMessages, failedMessages } = publisher;
  return {
    publisher: { queuedMessages, oldestQueuedMs, sentMessages, failedMessages },
    subscriptions: consumers.flatMap((consumer) =>
      consumer.subscriptions.map((subscription) => ({
        topic: subscription.options.topic,
        group: consumer.groupId,
        delivery: subscription.options.delivery,
        isMember: consumer.isMember,
        partitions: consumer.lanesOf(subscription.options.topic).map((lane) => ({
          partition: lane.partition,
          lag: lane.lag,
          buffered: lane.buffered,
          isHandling: lane.delivery !== null,
          failures: lane.failures,
        })),
      })),
    ),
  };
}
