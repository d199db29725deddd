import { describe, expect, it } from 'vitest';
import { type CpuProfile, libraryOf, selfTimes } from './cpu-profile.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });

describe('a processor profile', () => {
  it('tells self time by library, without the time in which the process waited', () => {
    const profile: CpuProfile = {
      nodes: [
        { id: 1, callFrame: frame('(idle)') },
        { id: 2, callFrame: frame('send', 'file:///x/node_modules/kafkajs/src/a.js') },
        { id: 3, callFrame: frame('get', 'file:///x/node_modules/@prisma/client/runtime/b.mjs') },
        { id: 4, callFrame: frame('encode', 'file:///x/node_modules/kafkajs/src/c.js') },
      ],
      samples: [1, 2, 3, 4, 1],
      timeDeltas: [1_000, 2_000, 500, 3_000, 9_000],
    };
    expect(selfTimes(profile, libraryOf)).toEqual([
      { name: 'kafkajs', ms: 5 },
      { name: '@prisma/client', ms: 0.5 },
    ]);
  });

  it('names our libraries by their folders', () => {
    expect(libraryOf(frame('f', 'file:///y/libs/adapters/bus-kafka/dist/lane.js'))).toBe('libs/adapters/bus-kafka');
    expect(libraryOf(frame('f', 'file:///y/libs/orchestration/dist/changes.js'))).toBe('libs/orchestration');
    expect(libraryOf(frame('f', 'node:net'))).toBe("Node's own modules");
    expect(libraryOf(frame('(garbage collector)'))).toBe('(garbage collector)');
  });
});
