import type { EventLogEntry } from '@atelier/contracts';
import { isGenerationTerminal } from '@atelier/domain';
import type { GenerationAggregate, Guard, NewEvent, StageRun, Transition } from './generation-store.port.js';

/** Whether a transition may be applied to this state of its generation: the guard and the expected sequence hold. */
export function isApplicable(aggregate: GenerationAggregate, transition: Transition): boolean {
  const { expectedSequence } = transition;
  if (expectedSequence !== undefined && expectedSequence !== aggregate.lastSequence) return false;
  return guardHolds(aggregate, transition.guard);
}

function guardHolds({ generation, runs }: GenerationAggregate, guard: Guard): boolean {
  switch (guard.kind) {
    case 'run': {
      const run = runs.find((one) => one.id === guard.runId);
      return run !== undefined && run.fence === guard.fence && guard.states.includes(run.state);
    }
    case 'generation-active':
      return !isGenerationTerminal(generation.state);
    case 'generation-state':
      return generation.state === guard.state;
  }
}

/** What an applied transition means: the aggregate after it. The reference for every store, and for copies kept in memory. */
export function applyTransition(aggregate: GenerationAggregate, transition: Transition): GenerationAggregate {
  const updates = new Map((transition.updateRuns ?? []).map((update) => [update.id, update]));
  const runs = aggregate.runs.map((run): StageRun => {
    const update = updates.get(run.id);
    return update ? { ...run, ...update } : run;
  });
  return {
    generation: { ...aggregate.generation, ...transition.generation },
    runs: [...runs, ...(transition.insertRuns ?? [])],
    lastSequence: aggregate.lastSequence + (transition.events?.length ?? 0),
  };
}

/** Numbers new entries behind the last one. */
export const numberEvents = (events: readonly NewEvent[], lastSequence: number): EventLogEntry[] =>
  events.map((event, index) => ({ ...event, sequence: lastSequence + 1 + index }));
