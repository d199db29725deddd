import type { TopicName } from '@atelier/contracts';
import type { TopicHandler } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { handlerOf } from '../middleware/middleware.fixtures.js';
import { checkHandlers, HandlerCheckError } from './handler-check.js';

const mismatches = (owned: readonly TopicName[], handlers: readonly TopicHandler[]) => {
  try {
    checkHandlers(owned, handlers);
    return [];
  } catch (error) {
    return (error as HandlerCheckError).mismatches;
  }
};
const inGroup = (topic: TopicName, group: string) => handlerOf(topic, async () => undefined, group);

describe('checkHandlers', () => {
  it('accepts one handler for each topic', () => {
    expect(mismatches(['decoding.requested.v1'], [handlerOf('decoding.requested.v1')])).toEqual([]);
  });

  it('stops the boot over a topic without a handler', () => {
    expect(mismatches(['decoding.requested.v1', 'scoring.requested.v1'], [handlerOf('scoring.requested.v1')])).toEqual([
      'This process owns the topic decoding.requested.v1 but has no handler for it.',
    ]);
  });

  it('stops the boot over a second handler, in the same group or another', () => {
    for (const groups of [
      ['a', 'a'],
      ['a', 'b'],
    ]) {
      const handlers = groups.map((group) => inGroup('decoding.requested.v1', group));
      expect(mismatches(['decoding.requested.v1'], handlers)).toEqual([
        `The topic decoding.requested.v1 has 2 handlers (groups ${groups.join(', ')}); it may have one.`,
      ]);
    }
  });

  it('stops the boot over a handler of a topic that the process does not own', () => {
    expect(mismatches([], [handlerOf('decoding.requested.v1')])).toEqual([
      'There is a handler for the topic decoding.requested.v1, which this process does not own.',
    ]);
  });

  it('lets several groups read a broadcast, each once', () => {
    const topic = 'generation.canceled.v1';
    expect(mismatches([topic], [inGroup(topic, 'a'), inGroup(topic, 'b')])).toEqual([]);
    expect(mismatches([topic], [inGroup(topic, 'a'), inGroup(topic, 'a')])).toHaveLength(1);
  });
});
