import type { StageError, WorkerId } from '@atelier/contracts';
import {
  type Checkpoint,
  decideRetry,
  isDispatchable,
  isGenerationTerminal,
  isInFlight,
  lossCounts,
  nextRunState,
} from '@atelier/domain';
import type { GenerationAggregate, StageRun, Transition } from '@atelier/ports';
import type { DecisionContext } from './decision-context.js';
import { publicError } from './failures.js';
import { GenerationDraft } from './generation-draft.js';
import type { Placement } from './order-message.js';

/**
 * What to do with an aggregate: a transition to commit; `nothing`, for good, because the change is late or repeated; or
 * `reload`, because the copy at hand may be older than what it is asked about.
 */
export type Decision = Transition | 'nothing' | 'reload';

/** Finds a run for a message about one of its executions. Fences and ends never go back, so an old copy still proves "late". */
export function findExecution(
  aggregate: GenerationAggregate,
  runId: string,
  fence: number,
): StageRun | 'nothing' | 'reload' {
  const run = aggregate.runs.find((one) => one.id === runId);
  if (!run || run.fence < fence) return isGenerationTerminal(aggregate.generation.state) ? 'nothing' : 'reload';
  if (run.fence > fence || !isInFlight(run.state)) return 'nothing';
  return run;
}

/**
 * Finds a run for the result of one of its executions. One that was taken back (its lease ended, its worker drained) and
 * has not been ordered again since still takes it: the fence is current, and the work is done.
 */
export function findResultOf(
  aggregate: GenerationAggregate,
  runId: string,
  fence: number,
): StageRun | 'nothing' | 'reload' {
  const run = aggregate.runs.find((one) => one.id === runId);
  return run?.fence === fence && isDispatchable(run.state) ? run : findExecution(aggregate, runId, fence);
}

export const guardOf = (run: StageRun): Transition['guard'] => ({
  kind: 'run',
  runId: run.id,
  fence: run.fence,
  states: ['dispatched', 'running'],
});

/** As `guardOf`, for a result: the run may also have been taken back meanwhile, or be sent out again under a new fence. */
export const guardOfResult = (run: StageRun): Transition['guard'] => ({
  kind: 'run',
  runId: run.id,
  fence: run.fence,
  states: ['ready', 'dispatched', 'running'],
});

/** Orders a ready run. It looks at its own run alone, so it never waits for the others of its generation. */
export function decideDispatch(
  aggregate: GenerationAggregate,
  runId: string,
  placement: Placement,
  context: DecisionContext,
): Decision {
  const run = aggregate.runs.find((one) => one.id === runId);
  if (!run || run.state === 'waiting') return isGenerationTerminal(aggregate.generation.state) ? 'nothing' : 'reload';
  if (!isDispatchable(run.state)) return 'nothing';
  const draft = new GenerationDraft(aggregate, context);
  draft.order(run, placement);
  return draft.unconditional({ kind: 'run', runId: run.id, fence: run.fence, states: ['ready'] });
}

// --- failure, loss, hand-back

export interface FailureFacts {
  readonly error: StageError;
  readonly workerId: WorkerId | null;
  /** Stage time to settle; null where nobody measured any. */
  readonly durationMs: number | null;
  /** False for a loss that was not the run's doing. */
  readonly counts: boolean;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** A failed execution: back to ready with a delay, or the end of the run with all that follows from it. */
export function decideFailure(
  aggregate: GenerationAggregate,
  run: StageRun,
  failure: FailureFacts,
  context: DecisionContext,
): Transition {
  const { error, workerId, durationMs } = failure;
  const draft = new GenerationDraft(aggregate, context);
  const errorClass = error.class;
  const onFreshWorker = workerId !== null && !run.lostWorkers.includes(workerId);
  const decision = decideRetry(
    { errorClass, attempts: run.attempts, fence: run.fence, counts: failure.counts, onFreshWorker },
    failure.random,
  );
  const attempts = { ...run.attempts, [errorClass]: (run.attempts[errorClass] ?? 0) + (failure.counts ? 1 : 0) };
  const lostWorkers = errorClass === 'worker-lost' && onFreshWorker ? [...run.lostWorkers, workerId] : run.lostWorkers;
  if (durationMs !== null) draft.spend(run, durationMs);
  const data = { ...publicError(error), attempt: run.fence };
  if (decision.kind === 'retry') {
    draft.patchRun(run, { ...putBack(run, context.now, decision.delayMs), attempts, lostWorkers, error });
    draft.runEvent('stage.retrying', run, { ...data, delayMs: decision.delayMs });
  } else {
    draft.patchRun(run, {
      state: nextRunState(run.state, 'fail') ?? run.state,
      attempts,
      lostWorkers,
      error,
      workerId,
      leaseUntil: null,
      durationMs,
      finishedAt: context.now,
    });
    draft.runEvent('stage.failed', run, { ...data, ...(decision.quarantined ? { quarantined: true } : {}) });
    draft.advance();
  }
  return draft.transition(guardOf(run));
}

/** A worker that may be dead: its run goes on elsewhere. `started` says whether it is known to have executed. */
export function decideLoss(
  aggregate: GenerationAggregate,
  run: StageRun,
  loss: { readonly started: boolean; readonly detail: string; readonly random: number },
  context: DecisionContext,
): Transition {
  const counts = lossCounts({ started: loss.started, checkpoint: run.checkpoint as Checkpoint | null });
  const error: StageError = {
    class: 'worker-lost',
    code: 'worker_lost',
    message: 'The workers that ran this job were lost.',
    detail: loss.detail,
  };
  return decideFailure(
    aggregate,
    run,
    { error, workerId: run.workerId, durationMs: null, counts, random: loss.random },
    context,
  );
}

/** A draining worker gave an order back: nobody's failure. */
export function decideHandBack(aggregate: GenerationAggregate, run: StageRun, context: DecisionContext): Transition {
  const draft = new GenerationDraft(aggregate, context);
  draft.patchRun(run, putBack(run, context.now, 0));
  draft.runEvent('stage.retrying', run, { class: 'handed-back', attempt: run.fence, delayMs: 0 });
  return draft.unconditional(guardOf(run));
}

const putBack = (run: StageRun, now: number, delayMs: number) => ({
  state: nextRunState(run.state, 'retry') ?? run.state,
  workerId: null,
  leaseUntil: null,
  nextAttemptAt: delayMs === 0 ? 0 : now + delayMs,
  readyAt: now,
  startedAt: null,
});
