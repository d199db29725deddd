import type { StageError } from '@atelier/contracts';
import { isGenerationTerminal } from '@atelier/domain';
import type { GenerationAggregate } from '@atelier/ports';
import type { Decision } from './decide-run.js';
import type { DecisionContext } from './decision-context.js';
import { GenerationDraft } from './generation-draft.js';

/** Makes the first runs of a submitted generation ready. Repeated messages find nothing waiting. */
export function decideRelease(aggregate: GenerationAggregate, context: DecisionContext): Decision {
  const waiting = aggregate.runs.filter((run) => run.state === 'waiting');
  if (waiting.length === 0 || isGenerationTerminal(aggregate.generation.state)) return 'nothing';
  const draft = new GenerationDraft(aggregate, context);
  for (const run of waiting) draft.makeReady(run);
  return draft.transition({ kind: 'generation-active' });
}

const DEADLINE_EXCEEDED: StageError = {
  class: 'expired',
  code: 'deadline_exceeded',
  message: 'The job was not finished before its deadline.',
};

/** The deadline has passed: what was never started is rejected, what was not finished fails. */
export function decideDeadline(aggregate: GenerationAggregate, context: DecisionContext): Decision {
  const { state } = aggregate.generation;
  if (isGenerationTerminal(state)) return 'nothing';
  const draft = new GenerationDraft(aggregate, context);
  draft.endAll(DEADLINE_EXCEEDED, state === 'queued' ? 'reject' : 'fail');
  return draft.transition({ kind: 'generation-active' });
}
