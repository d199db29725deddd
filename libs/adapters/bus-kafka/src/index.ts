export type { KafkaBusHealth, PartitionHealth, SubscriptionHealth } from './bus-health.js';
export type { BusLog } from './bus-log.js';
export { type EnsureTopicsOptions, ensureTopics, TopicsNotServedError, topicConfig } from './ensure-topics.js';
export { type GroupTimes, MembershipLostError } from './group-context.js';
export { KafkaBus, type KafkaBusOptions } from './kafka-bus.js';
export { kafkaTopicResources } from './kafka-topic-resources.js';
export { UnknownTopicError } from './topic-offsets.js';
