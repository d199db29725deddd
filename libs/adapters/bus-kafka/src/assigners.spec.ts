import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assignment, type ClaimingMember, decodeMember, encodeMember } from './assignment-claims.js';
import { assignSlot } from './slot-assigner.js';
import { assignStickily } from './sticky-assigner.js';

const member = (memberId: string, held: Record<string, number[]> = {}, topics = ['t'], rank = 0): ClaimingMember => ({
  memberId,
  topics,
  claims: { held, rank },
});
const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const plain = (assignment: Assignment) => Object.fromEntries(assignment);

describe('assignStickily', () => {
  it('gives every partition to exactly one reader of its topic, in even shares, whatever the members claim', () => {
    const claims = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.uniqueArray(fc.nat(12), { maxLength: 12 }));
    const members = fc.array(fc.tuple(claims, fc.subarray(['a', 'b', 'c'])), { minLength: 1, maxLength: 6 });
    const counts = fc.record({ a: fc.integer({ min: 1, max: 9 }), b: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(members, counts, (described, { a, b }) => {
        const group = described.map(([held, topics], n) => member(`m${n}`, held, topics));
        const partitions = new Map([
          ['a', range(a)],
          ['b', range(b)],
        ]);
        const assignment = assignStickily(group, partitions);
        for (const [topic, ids] of partitions) {
          const readers = group.filter(({ topics }) => topics.includes(topic));
          const shares = group.map(({ memberId }) => assignment.get(memberId)?.[topic] ?? []);
          if (readers.length === 0) continue;
          expect(shares.flat().sort((x, y) => x - y)).toEqual(ids);
          for (const [n, share] of shares.entries()) {
            if (!readers.includes(group[n] as ClaimingMember)) expect(share).toEqual([]);
            expect(share.length).toBeLessThanOrEqual(Math.ceil(ids.length / readers.length));
          }
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('moves no partition when nothing changed', () => {
    const group = [member('x', { t: [5, 0, 3] }), member('y', { t: [1, 2, 4] })];
    expect(plain(assignStickily(group, new Map([['t', range(6)]])))).toEqual({
      x: { t: [0, 3, 5] },
      y: { t: [1, 2, 4] },
    });
  });

  it('takes from a member what it claims last, for a newcomer', () => {
    const group = [member('newcomer'), member('old', { t: [3, 1, 0, 2] })];
    expect(plain(assignStickily(group, new Map([['t', range(4)]])))).toEqual({
      newcomer: { t: [0, 2] },
      old: { t: [1, 3] },
    });
  });

  it('gives topics of one partition to different members', () => {
    const topics = ['a', 'b', 'c'];
    const group = topics.map((_, n) => member(`m${n}`, {}, topics));
    const assignment = assignStickily(group, new Map(topics.map((topic) => [topic, [0]])));
    for (const share of assignment.values()) expect(Object.keys(share)).toHaveLength(1);
  });
});

describe('assignSlot', () => {
  it('gives the slot to the highest claim and nothing to the others', () => {
    const group = [1, 3, 2].map((rank) => member(`m${rank}`, {}, ['t'], rank));
    expect(plain(assignSlot(group, 7))).toEqual({ m1: {}, m2: {}, m3: { t: [7] } });
  });
});

describe('claims', () => {
  it('travel with a member, and a foreign member claims nothing', () => {
    const { metadata } = encodeMember('atelier', ['t'], { held: { t: [2, 1] }, rank: 5 });
    expect(decodeMember('m', metadata)).toEqual({
      memberId: 'm',
      topics: ['t'],
      claims: { held: { t: [2, 1] }, rank: 5 },
    });
    for (const userData of [Buffer.alloc(0), Buffer.from('{"rank":"1"}'), Buffer.from('null')]) {
      const foreign = Buffer.concat([metadata.subarray(0, 9), Buffer.from([0, 0, 0, userData.length]), userData]);
      expect(decodeMember('m', foreign).claims.held).toEqual({});
    }
  });
});
