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
  // Resolves to false where another process was quicker; waits for leaders either way.
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.partitions,
      replicationFactor,
      configEntries: Object.entries(topicConfig(topic)).map(([name, value]) => ({ name, value })),
    })),
  });
}

async function extend(admin: Admin, topic: string, count: number): Promise<void> {
  try {
    await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  } catch (error) {
    // Another process may have added them meanwhile.
    if (((await partitionCounts(admin)).get(topic) ?? 0) < count) throw error;
  }
}

async function partitionCounts(admin: Admin): Promise<Map<string, number>> {
  const { topics } = await admin.fetchTopicMetadata();
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}
