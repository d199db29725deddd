import { type StageRequested, stageTopic, type TopicMessage, toMessage, type WorkerId } from '@atelier/contracts';
import { blobPrefix, type Checkpoint, executionLeaseMs, type LeasePolicy } from '@atelier/domain';
import type { Generation, StageRun } from '@atelier/ports';

/** Where a run is ordered to. */
export interface Placement {
  /** Null for the short stages: whichever worker of their group takes the message. */
  readonly workerId: WorkerId | null;
  /** Directed slot of a denoising worker. */
  readonly partition: number | null;
}

/** The order of one execution: `<stage>.requested.v1`. */
export function orderMessage(
  generation: Generation,
  run: StageRun,
  order: { readonly fence: number; readonly placement: Placement; readonly leases: LeasePolicy; readonly now: number },
): TopicMessage {
  const { id: generationId, tenantId, weights, request } = generation;
  const { fence, placement, leases, now } = order;
  const checkpoint = run.checkpoint as Checkpoint | null;
  const resume = checkpoint && { step: checkpoint.step, checkpoint: checkpoint.checkpoint };
  const value = {
    schemaVersion: 1,
    tenantId,
    generationId,
    runId: run.id,
    stage: run.stage,
    fence,
    weights,
    predictedMs: run.predictedMs,
    leaseMs: executionLeaseMs(run, leases),
    ...(request.deadlineAt === undefined ? {} : { deadlineAt: request.deadlineAt }),
    blobPrefix: blobPrefix({ tenantId, generationId, stage: run.stage, runId: run.id, fence }),
    ...((run.attempts['out-of-memory'] ?? 0) > 0 ? { memoryPlan: 'small' } : {}),
    ...(placement.workerId === null ? {} : { workerId: placement.workerId }),
    input: resume ? { ...(run.input as object), resume } : run.input,
  } as StageRequested<typeof run.stage>;
  return toMessage(stageTopic(run.stage, 'requested'), generationId, value, {
    id: `${run.id}.${fence}`,
    source: '/orchestration',
    time: now,
    traceparent: run.traceparent,
    ...(placement.partition === null ? {} : { partition: placement.partition }),
  });
}
