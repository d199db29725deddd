import type { TopicDefinition } from '@atelier/contracts';
import { topicConfig } from './ensure-topics.js';

/**
 * The catalogue as `KafkaTopic` resources of the Strimzi operator, for clusters whose services may not create topics.
 *
 * @param replicas copies of each partition
 */
export function kafkaTopicResources(topics: readonly TopicDefinition<never>[], replicas: number): string {
  return topics.map((topic) => resource(topic, replicas)).join('---\n');
}

const resource = (topic: TopicDefinition<never>, replicas: number): string => `apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: ${topic.name}
  labels:
    strimzi.io/cluster: atelier
spec:
  partitions: ${topic.partitions}
  replicas: ${replicas}
  config:
${Object.entries(topicConfig(topic))
  .map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`)
  .join('')}`;
