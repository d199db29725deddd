import { describe, expect, it } from 'vitest';
import { SubmissionLanes } from './submission-lanes.js';

/** Work that ends when it is told to. */
function work(lanes: SubmissionLanes, started: string[]) {
  const ends = new Map<string, () => void>();
  const passing: Promise<void>[] = [];
  return {
    ask: (tenantId: string, name: string, fails = false) => {
      const passed = lanes.pass(tenantId, () => {
        started.push(name);
        return new Promise<void>((resolve, reject) =>
          ends.set(name, () => (fails ? reject(new Error('refused')) : resolve())),
        );
      });
      passing.push(passed.catch(() => undefined));
    },
    end: async (name: string) => {
      ends.get(name)?.();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    },
    all: () => Promise.all(passing),
  };
}

describe('submissions on their way to the database', () => {
  it('of a crowd let the request of another tenant through in its turn, and keep the order of each tenant', async () => {
    const started: string[] = [];
    const { ask, end } = work(new SubmissionLanes(1), started);
    for (const name of ['a1', 'a2', 'a3']) ask('ten_a', name);
    ask('ten_b', 'b1');
    expect(started).toEqual(['a1']);
    for (const name of ['a1', 'a2', 'b1', 'a3']) await end(name);
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  it('are as many at once as there are lanes, also after one of them failed', async () => {
    const started: string[] = [];
    const { ask, end, all } = work(new SubmissionLanes(2), started);
    ask('ten_a', '1', true);
    for (const name of ['2', '3', '4']) ask('ten_a', name);
    expect(started).toEqual(['1', '2']);
    await end('1');
    expect(started).toEqual(['1', '2', '3']);
    for (const name of ['2', '3', '4']) await end(name);
    await all();
    ask('ten_a', '5');
    expect(started.at(-1)).toBe('5');
  });
});
