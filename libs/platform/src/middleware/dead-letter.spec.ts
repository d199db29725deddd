import { parseMessage } from '@atelier/contracts';
import type { OutgoingMessage, TopicHandler } from '@atelier/ports';
import { FakeClock } from '@atelier/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { compose } from './consume.js';
import { deadLetter } from './dead-letter.js';
import { handlerOf, notAborted, received, silent } from './middleware.fixtures.js';
import { parseAndHandle } from './parse.js';

describe('dead letter', () => {
  let published: OutgoingMessage[];
  const bus = { publish: async (messages: readonly OutgoingMessage[]) => void published.push(...messages) };
  const clock = new FakeClock();
  const broken = handlerOf('generation.canceled.v1', async () => {
    throw new Error('the database is down');
  });
  beforeEach(() => {
    published = [];
  });
  const consumeWith = (handler: TopicHandler) =>
    compose(
      [deadLetter({ bus, clock, logger: silent, source: '/embedded', maxAttempts: 3 })],
      handler,
      parseAndHandle(handler),
    );
  const letters = () => published.map(({ topic, value }) => [topic, parseMessage('dead-letter.v1', value)] as const);

  it('asks for redelivery until the last attempt, then gives the message up and acknowledges', async () => {
    const consume = consumeWith(broken);
    for (const attempt of [1, 2]) {
      await expect(consume({ message: received({ attempt }), signal: notAborted })).rejects.toThrow('database');
    }
    expect(published).toEqual([]);
    await consume({ message: received({ attempt: 3 }), signal: notAborted });
    expect(letters()).toEqual([
      [
        'dead-letter.v1',
        {
          schemaVersion: 1,
          cause: 'handler-failed',
          message: 'the database is down',
          attempts: 3,
          origin: { topic: 'generation.canceled.v1', partition: 0, offset: '17', key: received().key },
          value: received().value,
          headers: received().headers,
          failedAt: clock.now(),
        },
      ],
    ]);
  });

  it.each([
    ['unparseable', '{"schemaVersion":1,'],
    ['unparseable', '{"schemaVersion":1}'],
    ['unknown-version', '{"schemaVersion":9}'],
  ])('gives up a message that is %s at its first delivery', async (cause, value) => {
    await consumeWith(broken)({ message: received({ value }), signal: notAborted });
    expect(letters()).toMatchObject([['dead-letter.v1', { cause, value, attempts: 1 }]]);
  });

  it('keeps a letter within its bounds when the message is not', async () => {
    const headers = { ...received().headers, huge: 'x'.repeat(1_000_000) };
    await consumeWith(broken)({ message: received({ value: 'x'.repeat(1_000_000), headers }), signal: notAborted });
    expect(JSON.stringify(published).length).toBeLessThan(80_000);
    expect(letters()[0]?.[1].value).toHaveLength(65_536);
  });

  it('names one given-up message by one id per group, so that a repetition is known as such', async () => {
    const consume = consumeWith(broken);
    for (let n = 0; n < 2; n += 1) await consume({ message: received({ attempt: 3 }), signal: notAborted });
    expect(new Set(published.map(({ headers }) => headers.ce_id)).size).toBe(1);
  });

  it('does not hold an interruption against the message', async () => {
    const aborted = AbortSignal.abort();
    await expect(consumeWith(broken)({ message: received({ attempt: 3 }), signal: aborted })).rejects.toThrow();
    expect(published).toEqual([]);
  });

  it('does not acknowledge a message whose letter could not be published', async () => {
    const failing = { publish: () => Promise.reject(new Error('the broker is down')) };
    const middleware = deadLetter({ bus: failing, clock, logger: silent, source: '/embedded', maxAttempts: 1 });
    const consume = compose([middleware], broken, parseAndHandle(broken));
    await expect(consume({ message: received(), signal: notAborted })).rejects.toThrow('broker');
  });

  it('makes no dead letter of a dead letter', async () => {
    const handler = handlerOf('dead-letter.v1', async () => expect.unreachable());
    await consumeWith(handler)({ message: received({ topic: 'dead-letter.v1', value: '{' }), signal: notAborted });
    expect(published).toEqual([]);
  });
});
