import type { StageRun } from '@atelier/ports';
import type { Announcement } from './history.ts';
import type { JournalEntry } from './journal.ts';

export const announcementsIn = (journal: readonly JournalEntry[]): Announcement[] =>
  journal.flatMap((entry) => (entry.kind === 'finished' ? [entry] : []));

/**
 * Results that came to the control plane and changed nothing: repetitions, those of an older fence, those of work that
 * was given up. One per run is the accepted one, where the run completed by it.
 */
export function staleWritesRejected(journal: readonly JournalEntry[], runs: readonly StageRun[]): number {
  const fences = new Map(runs.map((run) => [run.id as string, run.state === 'completed' ? run.fence : -1]));
  const accepted = new Set<string>();
  let rejected = 0;
  for (const entry of journal) {
    if (entry.kind !== 'answered') continue;
    if (fences.get(entry.runId) === entry.fence && !accepted.has(entry.runId)) accepted.add(entry.runId);
    else rejected += 1;
  }
  return rejected;
}

export interface Recovery {
  readonly kills: readonly (JournalEntry & { kind: 'killed' })[];
  /** From each kill to the next order of a run, the start of the new process included. Seconds. */
  readonly toNextOrderS: readonly number[];
  /** From each kill to the next job that ended, of those kills that no other one followed before. Seconds. */
  readonly toNextEndS: readonly number[];
}

/** How long nothing went on after each kill. What a later kill has hindered is not counted for an earlier one. */
export function recoveryIn(journal: readonly JournalEntry[]): Recovery {
  const kills = journal.flatMap((entry, index) => (entry.kind === 'killed' ? [{ entry, index }] : []));
  const secondsTo = (kind: JournalEntry['kind']): number[] =>
    kills.flatMap(({ entry, index }, number) => {
      const life = journal.slice(index + 1, kills[number + 1]?.index);
      const next = life.find((one) => one.kind === kind);
      return next ? [(next.at - entry.at) / 1000] : [];
    });
  return {
    kills: kills.map(({ entry }) => entry),
    toNextOrderS: secondsTo('ordered'),
    toNextEndS: secondsTo('finished'),
  };
}
