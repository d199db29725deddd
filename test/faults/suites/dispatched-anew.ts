import type { JournalEntry } from '../journal.ts';
import { redispatchesIn } from '../read-journal.ts';
import { percentile } from '../seeded-random.ts';
import { atLeast, atMost, type Goal } from '../suite-result.ts';

/** A lease of 15 s, and the time to notice and to order. */
const MAX_S = 20;

/** What a suite that kills promises of the runs that lost their worker. */
export function dispatchedAnew(journal: readonly JournalEntry[]): Goal[] {
  const seconds = redispatchesIn(journal);
  return [
    atLeast('runs that lost their worker', seconds.length, 1),
    atMost("seconds until a dead worker's run is dispatched anew, p95", percentile(seconds, 0.95), MAX_S),
  ];
}
