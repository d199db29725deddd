import type {
  GenerationProgressed,
  PromptExpansionResult,
  Stage,
  StageCompleted,
  StageError,
  StageFailed,
  Warning,
} from '@atelier/contracts';
import { type Checkpoint, executionLeaseMs, isInFlight, nextRunState } from '@atelier/domain';
import type { GenerationAggregate, StageRun } from '@atelier/ports';
import { type Decision, decideFailure, findExecution, findResultOf, guardOf, guardOfResult } from './decide-run.js';
import type { DecisionContext } from './decision-context.js';
import { GenerationDraft, type RunPatch } from './generation-draft.js';

/** Accepts a result if its fence is current, and draws the consequences in the same commit. */
export function decideCompleted(
  aggregate: GenerationAggregate,
  event: StageCompleted<Stage>,
  random: number,
  context: DecisionContext,
): Decision {
  const run = findResultOf(aggregate, event.runId, event.fence);
  if (typeof run === 'string') return run;
  const mismatch = mismatchOf(run, event, aggregate);
  if (mismatch) {
    if (!isInFlight(run.state)) return 'nothing';
    const error: StageError = {
      class: 'invalid',
      code: 'generation_failed',
      message: 'No picture could be drawn.',
      detail: mismatch,
    };
    const { workerId, durationMs } = event;
    return decideFailure(aggregate, run, { error, workerId, durationMs, counts: true, random }, context);
  }
  const { now } = context;
  const draft = new GenerationDraft(aggregate, context);
  draft.patchRun(run, {
    state: nextRunState(run.state, 'complete') ?? run.state,
    workerId: event.workerId,
    leaseUntil: null,
    result: event.result,
    error: null,
    durationMs: event.durationMs,
    startedAt: run.startedAt ?? Math.round(now - event.durationMs),
    finishedAt: now,
    ...(run.steps === null ? {} : { step: run.steps }),
  });
  draft.spend(run, event.durationMs);
  draft.runEvent('stage.completed', run, { durationMs: event.durationMs, attempt: run.fence });
  if (event.stage === 'prompt-expansion') acceptExpansion(draft, aggregate, event.result as PromptExpansionResult);
  draft.advance();
  return draft.transition(guardOfResult(run));
}

function acceptExpansion(
  draft: GenerationDraft,
  aggregate: GenerationAggregate,
  expansion: PromptExpansionResult,
): void {
  draft.patchGeneration({
    expansion,
    warnings: mergeWarnings(aggregate.generation.warnings, expansion.warnings),
  });
  draft.event('prompt.expanded', {
    expansions: expansion.expansions.map(({ original, expanded, explanation }) => ({
      original,
      expanded,
      explanation,
    })),
    warnings: expansion.warnings,
  });
}

/** Warnings of the request first, then those of the expansion, each sentence once. */
export function mergeWarnings(first: readonly Warning[], second: readonly Warning[]): Warning[] {
  const merged = new Map<string, Warning>();
  for (const warning of [...first, ...second]) {
    const key = JSON.stringify([warning.code, warning.message, warning.param ?? null]);
    if (!merged.has(key)) merged.set(key, warning);
  }
  return [...merged.values()];
}

/** A result that passed its schema but belongs elsewhere or has the wrong shape would break the stages after it. */
function mismatchOf(run: StageRun, event: StageCompleted<Stage>, { generation }: GenerationAggregate): string | null {
  if (run.stage !== event.stage) return `a ${event.stage} result for a ${run.stage} run`;
  if (event.stage === 'prompt-expansion') {
    const { samples, outputs, prompts } = generation.request;
    const { plans, expansions } = event.result as PromptExpansionResult;
    if (plans.length !== samples) return `${plans.length} sample plans instead of ${samples}`;
    if (plans.some((plan) => plan.length !== outputs)) return `a sample plan without ${outputs} outputs`;
    return expansions.length === prompts.length ? null : `${expansions.length} expansions of ${prompts.length} prompts`;
  }
  const answered = event.result as Partial<Pick<StageRun, IndexName>>;
  const wrong = INDEX_NAMES.find(
    (name) => run[name] !== null && answered[name] !== undefined && answered[name] !== run[name],
  );
  return wrong ? `${wrong} ${answered[wrong]} instead of ${run[wrong]}` : null;
}

const INDEX_NAMES = ['sampleIndex', 'candidateIndex', 'outputIndex', 'referenceIndex'] as const;
type IndexName = (typeof INDEX_NAMES)[number];

export function decideFailed(
  aggregate: GenerationAggregate,
  event: StageFailed<Stage>,
  random: number,
  context: DecisionContext,
): Decision {
  const run = findExecution(aggregate, event.runId, event.fence);
  if (typeof run === 'string') return run;
  const { error, workerId, durationMs } = event;
  return decideFailure(aggregate, run, { error, workerId, durationMs, counts: true, random }, context);
}

/** A sign of life: renews the lease and feeds the log. It looks at its own run alone, so it never waits for others. */
export function decideProgressed(
  aggregate: GenerationAggregate,
  event: GenerationProgressed,
  context: DecisionContext,
): Decision {
  const run = findExecution(aggregate, event.runId, event.fence);
  if (typeof run === 'string') return run;
  const before = run.checkpoint as Checkpoint | null;
  const fresh = event.checkpoint && event.checkpoint.step > (before?.step ?? 0) ? event.checkpoint : null;
  // Repeated or overtaken by a later step of the same execution.
  if (run.state === 'running' && event.step <= (run.step ?? -1) && !fresh) return 'nothing';
  const { now } = context;
  const step = Math.max(event.step, run.step ?? 0);
  const patch: RunPatch = {
    state: 'running',
    workerId: event.workerId,
    leaseUntil: now + executionLeaseMs(run, context.leases),
    step,
    steps: event.steps,
    ...(run.startedAt === null ? { startedAt: now } : {}),
    ...(fresh ? { checkpoint: { ...fresh, sinceStep: before?.sinceStep ?? 0 } } : {}),
    ...(event.preview ? { previewKey: event.preview.key } : {}),
  };
  const draft = new GenerationDraft(aggregate, context);
  draft.patchRun(run, patch);
  draft.runEvent('stage.progressed', run, {
    step,
    steps: event.steps,
    ...(event.preview ? { previewKey: event.preview.key } : {}),
  });
  return draft.unconditional(guardOf(run));
}
