import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseMessage,
  readCloudEvent,
  type TopicValue,
  toMessage,
  UnknownMessageVersionError,
  UnparseableMessageError,
} from './index.js';

const ulid = fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/);
const canceled: fc.Arbitrary<TopicValue<'generation.canceled.v1'>> = fc.record({
  schemaVersion: fc.constant(1 as const),
  tenantId: fc.stringMatching(/^ten_[0-9a-z-]{1,40}$/),
  generationId: ulid.map((id) => `gen_${id}`),
  reason: fc.string({ unit: 'binary' }),
});
const attributes = fc.record(
  {
    id: fc.string({ minLength: 1 }),
    source: fc.string({ minLength: 1 }),
    time: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    traceparent: fc.option(fc.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)),
    partition: fc.nat(63),
  },
  { requiredKeys: ['id', 'source', 'time'] },
);

describe('messages', () => {
  it('say the same after the way over a bus: value, CloudEvents attributes, trace and partition', () => {
    fc.assert(
      fc.property(canceled, attributes, (value, given) => {
        const message = toMessage('generation.canceled.v1', value.generationId, value, given);
        expect(parseMessage('generation.canceled.v1', message.value)).toEqual(value);
        expect(readCloudEvent(message.headers)).toEqual({
          id: given.id,
          source: given.source,
          type: 'generation.canceled.v1',
          time: given.time,
          traceparent: given.traceparent ?? null,
        });
        expect(message.partition).toBe(given.partition);
      }),
    );
  });

  it('do not leave the sender when they break the schema of their topic', () => {
    const broken = { schemaVersion: 1, tenantId: 'nobody', generationId: 'x', reason: '' } as const;
    expect(() => toMessage('generation.canceled.v1', 'x', broken, { id: '1', source: '/s', time: 0 })).toThrow();
  });

  it('with any text as value are either parsed or refused with one of two errors', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseMessage('generation.canceled.v1', text);
        } catch (error) {
          expect(error instanceof UnparseableMessageError || error instanceof UnknownMessageVersionError).toBe(true);
        }
      }),
    );
  });

  it('of a later schema version are told apart from broken ones', () => {
    expect(() => parseMessage('generation.canceled.v1', '{"schemaVersion":2}')).toThrow(UnknownMessageVersionError);
    expect(() => parseMessage('generation.canceled.v1', '{"schemaVersion":1}')).toThrow(UnparseableMessageError);
  });

  it('that cannot be parsed are described without repeating what they carry', () => {
    const text = JSON.stringify({ schemaVersion: 1, tenantId: 'a secret prompt', generationId: 7, reason: 1 });
    expect(() => parseMessage('generation.canceled.v1', text)).toThrow(/^(?!.*a secret prompt).*tenantId/);
  });

  it('without CloudEvents headers have no attributes', () => {
    expect(readCloudEvent({})).toBeNull();
    expect(
      readCloudEvent({ ce_id: '1', ce_source: '/s', ce_type: 't', ce_specversion: '0.3', ce_time: '0' }),
    ).toBeNull();
  });
});
