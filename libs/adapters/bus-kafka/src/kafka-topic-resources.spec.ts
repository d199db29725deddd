import { TOPIC_NAMES, TOPICS, type TopicDefinition } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { kafkaTopicResources } from './kafka-topic-resources.js';

const CATALOGUE: readonly TopicDefinition<never>[] = TOPIC_NAMES.map((name) => TOPICS[name] as never);

/** After a change of the catalogue: `npx vitest run libs/adapters/bus-kafka/src/kafka-topic-resources.spec.ts -u`. */
describe('deploy/kafka/topics.yaml', () => {
  it('is what the catalogue of topics says', async () => {
    const header = '# Generated from the topic catalogue of libs/contracts; see kafka-topic-resources.spec.ts.\n';
    await expect(header + kafkaTopicResources(CATALOGUE, 3)).toMatchFileSnapshot(
      '../../../../deploy/kafka/topics.yaml',
    );
  });
});
