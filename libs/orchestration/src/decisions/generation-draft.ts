import type { EventLogType, StageError } from '@atelier/contracts';
import {
  type Checkpoint,
  candidateOutcome,
  firstFailure,
  type GenerationChange,
  type GraphView,
  isRunActive,
  isSampleSettled,
  missingRuns,
  nextGenerationState,
  orderLeaseMs,
  sampleOutcome,
} from '@atelier/domain';
import {
  type Charge,
  type Generation,
  type GenerationAggregate,
  type Guard,
  type NewEvent,
  type NewOutboxRow,
  newStageRun,
  type Sample,
  type StageRun,
  type Transition,
} from '@atelier/ports';
import type { DecisionContext } from './decision-context.js';
import { endMessages, type TerminalState } from './end-messages.js';
import { INTERNAL_FAILURE, isRequestsFault, publicError } from './failures.js';
import { orderMessage, type Placement } from './order-message.js';

export type RunPatch = Partial<Omit<StageRun, 'id' | 'generationId' | 'tenantId' | 'stage'>>;
type GenerationPatch = NonNullable<Transition['generation']>;

/** Collects one transition and what follows from it, on a copy of the aggregate; nothing here waits or writes. */
export class GenerationDraft {
  private generation: Generation;
  private readonly generationPatch: { -readonly [K in keyof GenerationPatch]: GenerationPatch[K] } = {};
  private readonly runs: StageRun[];
  private readonly patches = new Map<string, RunPatch>();
  private readonly inserted: StageRun[] = [];
  private readonly events: NewEvent[] = [];
  private readonly outbox: NewOutboxRow[] = [];
  private readonly charges: Charge[] = [];
  private spent: Transition['spentMs'];

  constructor(
    private readonly aggregate: GenerationAggregate,
    private readonly context: DecisionContext,
  ) {
    this.generation = aggregate.generation;
    this.runs = [...aggregate.runs];
  }

  /** The transition, applied only if nothing else happened to the generation meanwhile. */
  transition(guard: Guard): Transition {
    return { ...this.unconditional(guard), expectedSequence: this.aggregate.lastSequence };
  }

  /** The transition, applied whatever happened to other runs: for changes that look at one run alone. */
  unconditional(guard: Guard): Transition {
    return {
      generationId: this.generation.id,
      guard,
      ...(Object.keys(this.generationPatch).length > 0 ? { generation: this.generationPatch } : {}),
      ...(this.inserted.length > 0 ? { insertRuns: this.inserted } : {}),
      ...(this.patches.size > 0
        ? { updateRuns: [...this.patches].map(([id, patch]) => ({ ...patch, id: id as StageRun['id'] })) }
        : {}),
      ...(this.events.length > 0 ? { events: this.events } : {}),
      ...(this.outbox.length > 0 ? { outbox: this.outbox } : {}),
      ...(this.charges.length > 0 ? { charges: this.charges } : {}),
      ...(this.spent ? { spentMs: this.spent } : {}),
    };
  }

  get isTerminal(): boolean {
    return this.generationPatch.finishedAt !== undefined;
  }

  patchRun(run: StageRun, patch: RunPatch): void {
    const index = this.runs.findIndex((one) => one.id === run.id);
    const patched = { ...(this.runs[index] as StageRun), ...patch };
    this.runs[index] = patched;
    const inserted = this.inserted.findIndex((one) => one.id === run.id);
    if (inserted >= 0) this.inserted[inserted] = patched;
    else this.patches.set(run.id, { ...this.patches.get(run.id), ...patch });
  }

  /** Orders a run: fence + 1, lease, log entry and the message in the outbox. */
  order(run: StageRun, placement: Placement): void {
    const { now, leases } = this.context;
    const fence = run.fence + 1;
    const checkpoint = run.checkpoint as Checkpoint | null;
    this.patchRun(run, {
      state: 'dispatched',
      fence,
      workerId: placement.workerId,
      leaseUntil: now + orderLeaseMs(run, leases),
      step: checkpoint?.step ?? null,
      checkpoint: checkpoint && { ...checkpoint, sinceStep: checkpoint.step },
      startedAt: null,
    });
    const state = nextGenerationState(this.generation.state, 'start');
    if (state) {
      this.patchGeneration({ state, startedAt: now });
      this.event('generation.running', {});
    }
    this.runEvent('stage.started', run, {
      attempt: fence,
      predictedMs: run.predictedMs,
      ...(checkpoint ? { resumedFromStep: checkpoint.step } : {}),
    });
    this.send(orderMessage(this.generation, run, { fence, placement, leases, now }));
  }

  /** Makes a run ready, and orders it at once where a place is free. */
  makeReady(run: StageRun): void {
    // Zero, not now: another process's clock must not put new work off.
    const ready: RunPatch = { state: 'ready', nextAttemptAt: 0, readyAt: this.context.now };
    this.patchRun(run, ready);
    const placement = this.context.place?.({ ...run, ...ready }) ?? null;
    if (placement) this.order({ ...run, ...ready }, placement);
  }

  patchGeneration(patch: GenerationPatch): void {
    Object.assign(this.generationPatch, patch);
    this.generation = { ...this.generation, ...patch };
  }

  runEvent(type: EventLogType, run: StageRun, data: Record<string, unknown>): void {
    this.events.push({
      type,
      at: this.context.now,
      stage: run.stage,
      runId: run.id,
      ...(run.sampleIndex === null ? {} : { sampleIndex: run.sampleIndex }),
      ...(run.candidateIndex === null ? {} : { candidateIndex: run.candidateIndex }),
      ...(run.outputIndex === null ? {} : { outputIndex: run.outputIndex }),
      data,
    });
  }

  event(type: EventLogType, data: Record<string, unknown>, sampleIndex?: number): void {
    this.events.push({ type, at: this.context.now, ...(sampleIndex === undefined ? {} : { sampleIndex }), data });
  }

  send(row: NewOutboxRow): void {
    this.outbox.push(row);
  }

  spend(run: StageRun, ms: number): void {
    this.spent = { tenantId: run.tenantId, stage: run.stage, ms };
  }

  /** Draws every consequence of what has changed: next runs, lost candidates, settled samples, the end. */
  advance(): void {
    const failed = firstFailure(this.runs);
    if (failed) {
      this.endAll(failed.error ?? INTERNAL_FAILURE, isRequestsFault(failed) ? 'reject' : 'fail');
      return;
    }
    this.insertMissing();
    this.abandonLostCandidates();
    this.settleSamples();
    if (this.generation.samples.every((sample) => isSampleSettled(sample.state))) this.finish('fail');
  }

  /** Nothing more will be done: unsettled samples fail with `error`; samples that had succeeded still count. */
  endAll(error: StageError, change: 'fail' | 'reject'): void {
    this.patchSamples((sample) => {
      if (isSampleSettled(sample.state)) return sample;
      this.event('sample.failed', publicError(error), sample.index);
      return { ...sample, state: 'failed', error };
    });
    this.abandon(() => true);
    this.finish(change, error);
  }

  private insertMissing(): void {
    const missing = missingRuns(this.view());
    for (const spec of missing) {
      const { ids, costs, now } = this.context;
      const run = newStageRun(spec, { id: ids.runId(), generation: this.generation, costs, now });
      this.inserted.push(run);
      this.runs.push(run);
      this.makeReady(run);
    }
    if (!missing.some((spec) => spec.stage === 'denoising')) return;
    this.patchSamples((sample) => (sample.state === 'queued' ? { ...sample, state: 'running' } : sample));
  }

  /** A candidate that lost one run can no longer be drawn: its other runs would be work for nothing. */
  private abandonLostCandidates(): void {
    const view = this.view();
    this.abandon(
      ({ sampleIndex, candidateIndex }) =>
        sampleIndex !== null &&
        candidateIndex !== null &&
        candidateOutcome(view, sampleIndex, candidateIndex).kind === 'lost',
    );
  }

  private abandon(matches: (run: StageRun) => boolean): void {
    for (const run of this.runs.filter((one) => isRunActive(one.state) && matches(one))) {
      this.patchRun(run, {
        state: 'abandoned',
        fence: run.fence + 1,
        leaseUntil: null,
        finishedAt: this.context.now,
      });
    }
  }

  private settleSamples(): void {
    const view = this.view();
    this.patchSamples((sample) => {
      if (isSampleSettled(sample.state)) return sample;
      const outcome = sampleOutcome(view, sample.index);
      switch (outcome.kind) {
        case 'pending':
          return sample;
        case 'failed':
          this.event('sample.failed', publicError(outcome.error), sample.index);
          return { ...sample, state: 'failed', error: outcome.error };
        case 'succeeded': {
          const { chosenCandidate, score } = outcome;
          this.event('sample.succeeded', { chosenCandidate, score }, sample.index);
          this.charges.push(this.chargeOf(sample.index));
          return { ...sample, state: 'succeeded', chosenCandidate };
        }
      }
    });
  }

  /** A delivered sample costs what its own runs took (all candidates) and its share of the runs that all samples use. */
  private chargeOf(sampleIndex: number): Charge {
    const sum = (ofSample: number | null): number =>
      this.runs
        .filter((run) => run.sampleIndex === ofSample)
        .reduce((totalMs, run) => totalMs + (run.durationMs ?? 0), 0);
    const { id, tenantId, request } = this.generation;
    return {
      generationId: id,
      tenantId,
      sampleIndex,
      computeMs: sum(sampleIndex) + sum(null) / request.samples,
      at: this.context.now,
    };
  }

  private patchSamples(change: (sample: Sample) => Sample): void {
    const samples = this.generation.samples.map(change);
    if (samples.some((sample, index) => sample !== this.generation.samples[index])) this.patchGeneration({ samples });
  }

  /** The terminal transition. One succeeded sample makes the generation a success; else `change` says what it is. */
  private finish(change: 'fail' | 'reject', cause?: StageError): void {
    const { samples } = this.generation;
    const succeeded = samples.filter((sample) => sample.state === 'succeeded').length;
    const applied: GenerationChange = succeeded > 0 ? 'succeed' : change;
    const state = nextGenerationState(this.generation.state, applied);
    if (!state) throw new RangeError(`a generation cannot ${applied} while ${this.generation.state}`);
    const error = succeeded > 0 ? null : (cause ?? samples.find((sample) => sample.error)?.error ?? INTERNAL_FAILURE);
    const failed = samples.filter((sample) => sample.state === 'failed').length;
    this.patchGeneration({ state, error, finishedAt: this.context.now });
    this.event(`generation.${state as TerminalState}`, {
      samplesSucceeded: succeeded,
      samplesFailed: failed,
      ...(error ? publicError(error) : {}),
    });
    const orphaned = [...this.patches.values()].some((patch) => patch.state === 'abandoned');
    const end = { state: state as TerminalState, samplesSucceeded: succeeded, samplesFailed: failed };
    for (const message of endMessages(this.generation, end, orphaned, this.context.now)) this.send(message);
  }

  private view(): GraphView {
    const { request, weights, expansion } = this.generation;
    return { request, weights, expansion, runs: this.runs, canScore: this.context.canScore };
  }
}
