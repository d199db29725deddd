import { TOPICS, type TopicName } from '@atelier/contracts';
import type { TopicHandler } from '@atelier/ports';

/** Thrown at boot when topics and handlers do not match; one sentence per mismatch. */
export class HandlerCheckError extends Error {
  override readonly name = 'HandlerCheckError';
  constructor(readonly mismatches: readonly string[]) {
    super(mismatches.join('\n'));
  }
}

/**
 * Proves that every topic a process owns has exactly one handler and that no handler listens where the process owns
 * nothing. A broadcast topic may have one handler in each of several groups, as every part of a process reads it.
 */
export function checkHandlers(owned: readonly TopicName[], handlers: readonly TopicHandler[]): void {
  const mismatches: string[] = [];
  for (const topic of new Set(owned)) {
    if (!handlers.some((handler) => handler.topic === topic)) {
      mismatches.push(`This process owns the topic ${topic} but has no handler for it.`);
    }
  }
  for (const [topic, ofTopic] of Map.groupBy(handlers, (handler) => handler.topic)) {
    if (!owned.includes(topic)) {
      mismatches.push(`There is a handler for the topic ${topic}, which this process does not own.`);
    }
    const groups = ofTopic.map(({ group }) => group);
    const mayShare = TOPICS[topic].delivery === 'broadcast' && new Set(groups).size === groups.length;
    if (ofTopic.length > 1 && !mayShare) {
      mismatches.push(
        `The topic ${topic} has ${ofTopic.length} handlers (groups ${groups.join(', ')}); it may have one.`,
      );
    }
  }
  if (mismatches.length > 0) throw new HandlerCheckError(mismatches);
}
