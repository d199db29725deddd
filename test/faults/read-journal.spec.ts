import { describe, expect, it } from 'vitest';
import type { JournalEntry } from './journal.ts';
import { redispatchesIn } from './read-journal.ts';

const ordered = (at: number, runId: string, fence: number): JournalEntry => ({ kind: 'ordered', at, runId, fence });
const answered = (at: number, runId: string, fence: number): JournalEntry => ({ kind: 'answered', at, runId, fence });
const killed = (at: number): JournalEntry => ({
  kind: 'killed',
  at,
  point: 'worker.before-execute',
  progress: null,
});

describe('the time until the runs of a dead process are dispatched anew', () => {
  it('counts from the kill to the next order of the same run, whatever else is ordered meanwhile', () => {
    const journal = [ordered(0, 'dead', 1), killed(1_000), ordered(1_100, 'other', 1), ordered(9_000, 'dead', 2)];
    expect(redispatchesIn(journal)).toEqual([8]);
  });

  it('leaves out runs that were answered, also after the kill, and orders that a later kill held up', () => {
    const before = [ordered(0, 'a', 1), answered(500, 'a', 1), ordered(600, 'b', 1), ordered(700, 'c', 1)];
    expect(redispatchesIn([...before, killed(1_000), answered(1_200, 'b', 1), ordered(3_000, 'a', 2)])).toEqual([]);
    expect(redispatchesIn([...before, killed(1_000), killed(5_000), ordered(7_000, 'c', 2)])).toEqual([2]);
  });

  it('counts from the end of the restart where the process was the whole platform', () => {
    const journal: JournalEntry[] = [ordered(0, 'dead', 1), killed(1_000), { kind: 'ready', at: 4_000 }];
    expect(redispatchesIn([...journal, ordered(4_250, 'dead', 2)])).toEqual([0.25]);
  });
});
