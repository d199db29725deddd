import { beforeEach, describe, expect, it } from 'vitest';
import type { Consume } from './consume.js';
import { dedupe } from './dedupe.js';
import { handlerOf, notAborted, outgoing, received } from './middleware.fixtures.js';

describe('dedupe', () => {
  let handled: string[];
  let failing: boolean;
  const handler = handlerOf('generation.canceled.v1');
  const innermost: Consume = async ({ message }) => {
    if (failing) throw new Error('not yet');
    handled.push(message.offset);
  };
  beforeEach(() => {
    handled = [];
    failing = false;
  });
  const deliver = (consume: Consume, id: string, offset: string, headers = outgoing(id).headers) =>
    consume({ message: received({ headers, offset }), signal: notAborted });

  it('handles an event once, however often it is published', async () => {
    const consume = dedupe()(innermost, handler);
    for (const offset of ['1', '2', '3']) await deliver(consume, 'a', offset);
    await deliver(consume, 'b', '4');
    expect(handled).toEqual(['1', '4']);
  });

  it('handles an event again after it failed', async () => {
    const consume = dedupe()(innermost, handler);
    failing = true;
    await expect(deliver(consume, 'a', '1')).rejects.toThrow();
    failing = false;
    await deliver(consume, 'a', '1');
    expect(handled).toEqual(['1']);
  });

  it('tells events of different sources apart, and lets messages without attributes pass', async () => {
    const consume = dedupe()(innermost, handler);
    await deliver(consume, 'a', '1');
    await deliver(consume, 'a', '2', { ...outgoing('a').headers, ce_source: '/other' });
    await deliver(consume, '', '3', {});
    await deliver(consume, '', '4', {});
    expect(handled).toEqual(['1', '2', '3', '4']);
  });

  it('remembers per handler, and only so many', async () => {
    const consume = dedupe(2)(innermost, handler);
    for (const id of ['a', 'b', 'c', 'b', 'a']) await deliver(consume, id, id);
    expect(handled).toEqual(['a', 'b', 'c', 'a']);
    await deliver(dedupe(2)(innermost, handler), 'a', 'another handler');
    expect(handled.at(-1)).toBe('another handler');
  });
});
