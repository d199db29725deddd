import { randomUUID } from 'node:crypto';
import { TOPIC_NAMES, TOPICS, type TopicDefinition } from '@atelier/contracts';
import { ConfigResourceTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { silentLog } from './bus-log.js';
import { ensureTopics } from './ensure-topics.js';
import type {} from './kafka-bus.fixtures.js';
import { createClient } from './kafka-client.js';

const CATALOGUE: readonly TopicDefinition<never>[] = TOPIC_NAMES.map((name) => TOPICS[name] as never);

describe('ensureTopics', { timeout: 60_000 }, () => {
  const { brokers } = inject('kafka');
  const admin = createClient(brokers, 'spec', silentLog).admin();
  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  const partitionCounts = async (names: string[]) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    return Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]));
  };

  it('creates the whole catalogue, also when several processes do so at once', async () => {
    const create = () => ensureTopics({ brokers, clientId: 'spec', topics: CATALOGUE });
    await Promise.all([create(), create(), create()]);
    await create();
    expect(await partitionCounts([...TOPIC_NAMES])).toEqual(
      Object.fromEntries(CATALOGUE.map(({ name, partitions }) => [name, partitions])),
    );
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'dead-letter.v1', configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).toBe(String(TOPICS['dead-letter.v1'].retentionMs));
  });

  it('adds partitions to a topic that has fewer, and takes none away', async () => {
    const name = `spec-${randomUUID()}`;
    const ensure = (partitions: number) =>
      ensureTopics({ brokers, clientId: 'spec', topics: [{ name, partitions, retentionMs: 60_000 }] });
    await ensure(2);
    await ensure(5);
    await ensure(3);
    expect(await partitionCounts([name])).toEqual({ [name]: 5 });
  });
});
