import { type GenerationId, type GenerationState, type TenantId, toMessage } from '@atelier/contracts';
import { isGenerationTerminal, isRunActive, isSampleSettled } from '@atelier/domain';
import {
  type Clock,
  type CrashPoints,
  type GenerationAggregate,
  type GenerationStore,
  NO_CRASH_POINTS,
  type Transition,
} from '@atelier/ports';
import { GenerationNotFoundError } from '../errors.js';

export interface CancelGenerationDependencies {
  readonly store: Pick<GenerationStore, 'get' | 'commit'>;
  readonly clock: Clock;
  readonly crashPoints?: CrashPoints;
}

/** `already-canceled` makes cancel idempotent; `already-finished` tells that there was nothing left to cancel. */
export interface CancelOutcome {
  readonly outcome: 'canceled' | 'already-canceled' | 'already-finished';
  readonly state: GenerationState;
}

/**
 * Ends a generation at once: every active run loses its fence in the same commit that broadcasts
 * `generation.canceled.v1`, so that nothing a worker still delivers can become visible. Samples that had succeeded stay.
 * Errors: `GenerationNotFoundError`, also for another tenant's generation.
 */
export class CancelGeneration {
  private readonly crashPoints: CrashPoints;

  constructor(private readonly dependencies: CancelGenerationDependencies) {
    this.crashPoints = dependencies.crashPoints ?? NO_CRASH_POINTS;
  }

  async execute(command: {
    readonly tenantId: TenantId;
    readonly generationId: GenerationId;
    readonly reason?: string;
  }): Promise<CancelOutcome> {
    const { store, clock } = this.dependencies;
    for (;;) {
      const aggregate = await store.get(command.tenantId, command.generationId);
      if (!aggregate) throw new GenerationNotFoundError();
      const { state } = aggregate.generation;
      if (state === 'canceled') return { outcome: 'already-canceled', state };
      if (isGenerationTerminal(state)) return { outcome: 'already-finished', state };
      this.crashPoints.reach('cancel.before-commit');
      const outcome = await store.commit(cancelTransition(aggregate, clock.now(), command.reason ?? 'by the client'));
      this.crashPoints.reach('cancel.after-commit');
      if (outcome === 'applied') return { outcome: 'canceled', state: 'canceled' };
      // Stale: the generation moved on between read and commit. It moves a bounded number of times, so this ends.
    }
  }
}

function cancelTransition(
  { generation, runs, lastSequence }: GenerationAggregate,
  now: number,
  reason: string,
): Transition {
  const { id: generationId, tenantId, traceparent } = generation;
  const envelope = { schemaVersion: 1, tenantId, generationId } as const;
  const attributes = { source: '/generation', time: now, traceparent };
  const samples = generation.samples.map((sample) =>
    isSampleSettled(sample.state) ? sample : { ...sample, state: 'canceled' as const },
  );
  return {
    generationId,
    guard: { kind: 'generation-active' },
    expectedSequence: lastSequence,
    generation: { state: 'canceled', samples, finishedAt: now },
    updateRuns: runs
      .filter((run) => isRunActive(run.state))
      .map((run) => ({ id: run.id, state: 'canceled', fence: run.fence + 1, leaseUntil: null, finishedAt: now })),
    events: [{ type: 'generation.canceled', at: now, data: { reason } }],
    outbox: [
      toMessage(
        'generation.canceled.v1',
        generationId,
        { ...envelope, reason },
        { ...attributes, id: `${generationId}.canceled` },
      ),
      toMessage(
        'generation.finished.v1',
        generationId,
        {
          ...envelope,
          state: 'canceled',
          samplesSucceeded: samples.filter((sample) => sample.state === 'succeeded').length,
          samplesFailed: samples.filter((sample) => sample.state === 'failed').length,
          finishedAt: now,
        },
        { ...attributes, id: `${generationId}.finished` },
      ),
    ],
  };
}
