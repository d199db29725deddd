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
  /** From each kill to the API that answers again, where the kill took it. Seconds. */
  readonly restartS: readonly number[];
  /** From each kill to the next job that ended. Seconds. */
  readonly toNextEndS: readonly number[];
}

/** How long nothing went on after each kill. What a later kill has hindered is not counted for an earlier one. */
export function recoveryIn(journal: readonly JournalEntry[]): Recovery {
  const indices = journal.flatMap((entry, index) => (entry.kind === 'killed' ? [index] : []));
  const recoveries = indices.map((index, number) => {
    const life = journal.slice(index + 1, indices[number + 1]);
    const at = (kind: JournalEntry['kind']) => life.find((entry) => entry.kind === kind)?.at;
    return {
      killedAt: journal[index]?.at as number,
      readyAt: at('ready'),
      endedAt: at('finished'),
    };
  });
  const seconds = (from: number, to: number | undefined) => (to === undefined ? [] : [Math.max(to - from, 0) / 1000]);
  return {
    kills: journal.flatMap((entry) => (entry.kind === 'killed' ? [entry] : [])),
    restartS: recoveries.flatMap(({ killedAt, readyAt }) => seconds(killedAt, readyAt)),
    toNextEndS: recoveries.flatMap(({ killedAt, endedAt }) => seconds(killedAt, endedAt)),
  };
}

/**
 * How long the very runs of a dead process waited for their next order: of each run that had been ordered and not
 * answered when a kill came, the seconds to its next order: from the kill, or from the API that answered again where the
 * kill took it, whose restart is told apart. Orders that came only after a later kill are counted from that one.
 */
export function redispatchesIn(journal: readonly JournalEntry[]): number[] {
  const seconds: number[] = [];
  /** run -> fence of its order that nobody has answered yet */
  const open = new Map<string, number>();
  let waiting = new Map<string, number>();
  let countedFrom = 0;
  for (const entry of journal) {
    if (entry.kind === 'killed') {
      waiting = new Map(open);
      countedFrom = entry.at;
    } else if (entry.kind === 'ready') {
      countedFrom = entry.at;
    } else if (entry.kind === 'answered') {
      open.delete(entry.runId);
      waiting.delete(entry.runId);
    } else if (entry.kind === 'ordered') {
      const before = waiting.get(entry.runId);
      if (before !== undefined && entry.fence > before) {
        seconds.push(Math.max(0, entry.at - countedFrom) / 1000);
        waiting.delete(entry.runId);
      }
      open.set(entry.runId, entry.fence);
    }
  }
  return seconds;
}
