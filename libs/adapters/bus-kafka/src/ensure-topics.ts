import type { TopicDefinition } from '@atelier/contracts';
import type { Admin } from 'kafkajs';
import { type BusLog, silentLog } from './bus-log.js';
import { createClient } from './kafka-client.js';

export interface EnsureTopicsOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topics: readonly Pick<TopicDefinition, 'name' | 'partitions' | 'retentionMs'>[];
  /** @default 1 */
  readonly replicationFactor?: number;
  readonly log?: BusLog;
}

const SERVED_WITHIN_MS = 30_000;

/** Thrown by `ensureTopics` when created topics got no leaders in time. */
export class TopicsNotServedError extends Error {
  override readonly name = 'TopicsNotServedError';
  constructor(readonly topics: readonly string[]) {
    super(`after ${SERVED_WITHIN_MS / 1_000} s some topics have no leader yet: ${topics.join(', ')}`);
  }
}

/**
 * Creates the topics that are missing, with the partitions and the retention of the catalogue, and adds partitions
 * where a topic has fewer. Several processes may do so at once. Topics are never shrunk or deleted.
 */
export async function ensureTopics(options: EnsureTopicsOptions): Promise<void> {
  const { brokers, clientId, topics, replicationFactor = 1, log = silentLog } = options;
  const admin = createClient(brokers, clientId, log).admin();
  await admin.connect();
  try {
    const existing = await partitionCounts(admin);
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) await create(admin, missing, replicationFactor);
    const short = topics.filter(({ name, partitions }) => (existing.get(name) ?? partitions) < partitions);
    for (const { name, partitions } of short) await extend(admin, name, partitions);
    if (missing.length + short.length > 0) await waitUntilServed(admin, topics);
  } finally {
    await admin.disconnect();
  }
}

/** Settings of a topic by Kafka's names; `deploy/kafka/topics.yaml` says the same. */
export const topicConfig = ({ retentionMs }: Pick<TopicDefinition, 'retentionMs'>): Record<string, string> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(retentionMs),
});

async function create(admin: Admin, topics: EnsureTopicsOptions['topics'], replicationFactor: number): Promise<void> {
  try {
    // Resolves to false where another process was quicker. kafkajs' own waiting for leaders fails on a broker that has
    // not heard of the topic yet.
    await admin.createTopics({
      waitForLeaders: false,
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor,
        configEntries: Object.entries(topicConfig(topic)).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    if (!isUnderWay(error)) throw error;
  }
}

/** A busy broker may answer too late, and another process may have been quicker: the topics come all the same. */
function isUnderWay(error: unknown): boolean {
  const { retriable, type, errors } = error as { retriable?: boolean; type?: string; errors?: readonly unknown[] };
  if (errors && errors.length > 0) return errors.every(isUnderWay);
  return retriable === true || type === 'TOPIC_ALREADY_EXISTS';
}

async function extend(admin: Admin, topic: string, count: number): Promise<void> {
  try {
    await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  } catch (error) {
    // Another process may have added them meanwhile.
    if (!isUnderWay(error) && ((await partitionCounts(admin)).get(topic) ?? 0) < count) throw error;
  }
}

/** A topic is there for its clients some milliseconds after it was created. */
async function waitUntilServed(admin: Admin, topics: EnsureTopicsOptions['topics']): Promise<void> {
  const deadline = Date.now() + SERVED_WITHIN_MS;
  for (;;) {
    const served = await partitionCounts(admin);
    const waiting = topics.filter(({ name, partitions }) => (served.get(name) ?? 0) < partitions);
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new TopicsNotServedError(waiting.map(({ name }) => name));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Partitions that have a leader, by topic. */
async function partitionCounts(admin: Admin): Promise<Map<string, number>> {
  const { topics } = await admin.fetchTopicMetadata();
  return new Map(topics.map(({ name, partitions }) => [name, partitions.filter(({ leader }) => leader >= 0).length]));
}
