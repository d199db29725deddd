import type { RunId } from '@atelier/contracts';
import { type CostModel, costKey, type RunSpec } from '@atelier/domain';
import type { Generation, StageRun } from './generation-store.port.js';

/** A run as it begins its life: waiting, never ordered, with its predicted cost. */
export function newStageRun(
  spec: RunSpec,
  of: {
    readonly id: RunId;
    readonly generation: Pick<Generation, 'id' | 'tenantId' | 'request' | 'traceparent'>;
    readonly costs: CostModel;
    readonly now: number;
  },
): StageRun {
  const { id: generationId, tenantId, request, traceparent } = of.generation;
  return {
    ...spec,
    id: of.id,
    generationId,
    tenantId,
    state: 'waiting',
    fence: 0,
    attempts: {},
    lostWorkers: [],
    workerId: null,
    leaseUntil: null,
    // Zero, not now: another process's clock must not put new work off.
    nextAttemptAt: 0,
    priority: request.priority,
    predictedMs: of.costs.predictMs(costKey(spec.stage, request)),
    durationMs: null,
    step: null,
    steps: spec.stage === 'denoising' ? request.steps : null,
    result: null,
    error: null,
    checkpoint: null,
    previewKey: null,
    createdAt: of.now,
    readyAt: null,
    startedAt: null,
    finishedAt: null,
    traceparent,
  };
}
