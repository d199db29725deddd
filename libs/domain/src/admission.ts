import type { ErrorCode, GenerationRequest, TenantId } from '@atelier/contracts';
import { type CostModel, costKey } from './cost-model.js';

/** What one tenant has in the platform that is not done. */
export interface TenantLoad {
  readonly tenantId: TenantId;
  readonly weight: number;
  /** Generations that have not ended. */
  readonly jobs: number;
  /** Predicted milliseconds of stage time that these still need. */
  readonly remainingMs: number;
}

/** The generation that asks to be accepted. */
export interface AdmissionRequest {
  readonly tenantId: TenantId;
  /** Used where the tenant has nothing in the platform yet. @default 1 */
  readonly weight?: number;
  /** `generationMs` of the request. */
  readonly predictedMs: number;
  /** Pixels of one picture. */
  readonly pixels: number;
}

/** Bounds that are absent do not bind. Counts and times include the generation that asks. */
export interface AdmissionLimits {
  readonly maxJobsPerTenant?: number;
  readonly maxJobs?: number;
  readonly maxRemainingMsPerTenant?: number;
  readonly maxRemainingMs?: number;
}

export interface ServingCapacity {
  /** Stage runs that really advance at the same time: engines, not queue places. */
  readonly parallel: number;
  /** Most pixels that a live denoising worker takes; null where none is alive. */
  readonly maxPixels: number | null;
}

export type AdmissionBound = keyof AdmissionLimits;

export type AdmissionDecision =
  | {
      readonly kind: 'accept';
      /** When the generation is expected to be done if nothing else came. */
      readonly estimateMs: number;
    }
  | {
      readonly kind: 'refuse';
      readonly code: Extract<ErrorCode, 'queue_full'>;
      readonly bound: AdmissionBound;
      readonly limit: number;
      readonly estimateMs: number;
      /** When the bound is expected to hold for the same request; never less than `MIN_RETRY_AFTER_MS`. */
      readonly retryAfterMs: number;
    }
  | {
      readonly kind: 'refuse';
      readonly code: Extract<ErrorCode, 'no_worker'>;
      readonly retryAfterMs: number;
    };

/** HTTP tells whole seconds. */
export const MIN_RETRY_AFTER_MS = 1_000;
/** A worker that starts needs about this long to load its weights and to report. */
const NO_WORKER_RETRY_MS = 5_000;

/**
 * Whether a generation is taken into the queue, and when it would be done. Times follow the fluid limit of the fair
 * queue (generalised processor sharing, Parekh and Gallager 1993): while a tenant is served x milliseconds, another one
 * gets x times the ratio of their weights, but no more than it has. The platform's bounds are looked at first: when it
 * is full, nobody's own bound matters.
 */
export function admission(
  request: AdmissionRequest,
  loads: readonly TenantLoad[],
  limits: AdmissionLimits,
  capacity: ServingCapacity,
): AdmissionDecision {
  if (capacity.maxPixels === null || capacity.maxPixels < request.pixels) {
    return { kind: 'refuse', code: 'no_worker', retryAfterMs: NO_WORKER_RETRY_MS };
  }
  const own = loads.find(({ tenantId }) => tenantId === request.tenantId) ?? {
    tenantId: request.tenantId,
    weight: request.weight ?? 1,
    jobs: 0,
    remainingMs: 0,
  };
  const all = {
    jobs: loads.reduce((sum, load) => sum + load.jobs, 0),
    remainingMs: loads.reduce((sum, load) => sum + load.remainingMs, 0),
  };
  const parallel = Math.max(capacity.parallel, 1);
  const timeToServe = (ms: number) => servedAfterMs(own, ms, loads) / parallel;
  const timeToDrain = (ms: number) => ms / parallel;
  const estimateMs = timeToServe(own.remainingMs + request.predictedMs);

  const bounds: readonly [AdmissionBound, Overrun, (ms: number) => number][] = [
    ['maxJobs', overrun(limits.maxJobs, all.jobs, 1, meanMs(all)), timeToDrain],
    ['maxRemainingMs', overrun(limits.maxRemainingMs, all.remainingMs, request.predictedMs, 1), timeToDrain],
    ['maxJobsPerTenant', overrun(limits.maxJobsPerTenant, own.jobs, 1, meanMs(own)), timeToServe],
    [
      'maxRemainingMsPerTenant',
      overrun(limits.maxRemainingMsPerTenant, own.remainingMs, request.predictedMs, 1),
      timeToServe,
    ],
  ];
  for (const [bound, over, timeFor] of bounds) {
    if (!over) continue;
    const retryAfterMs = Math.max(timeFor(over.ms), MIN_RETRY_AFTER_MS);
    return { kind: 'refuse', code: 'queue_full', bound, limit: over.limit, estimateMs, retryAfterMs };
  }
  return { kind: 'accept', estimateMs };
}

/** Milliseconds of stage time that a whole generation will need, as far as its request tells. */
export function generationMs(
  request: Pick<GenerationRequest, 'size' | 'steps' | 'outputs' | 'samples' | 'bestOf' | 'references'>,
  costs: Pick<CostModel, 'predictMs'>,
  canScore: boolean,
): number {
  const ms = (stage: Parameters<typeof costKey>[0]) => costs.predictMs(costKey(stage, request));
  const candidateMs = ms('denoising') + request.outputs * ms('decoding') + (canScore ? ms('scoring') : 0);
  return (
    ms('prompt-expansion') +
    request.references.length * ms('reference-encoding') +
    request.samples * request.bestOf * candidateMs
  );
}

type Overrun = { readonly limit: number; readonly ms: number } | null;

/**
 * Work that must be done before the bound holds. An empty queue overruns no bound: a request that is larger than the
 * limit alone would otherwise never be accepted, however long its sender waits.
 */
function overrun(limit: number | undefined, present: number, added: number, msPerUnit: number): Overrun {
  if (limit === undefined || present === 0 || present + added <= limit) return null;
  return { limit, ms: Math.min(present, present + added - limit) * msPerUnit };
}

const meanMs = ({ jobs, remainingMs }: Pick<TenantLoad, 'jobs' | 'remainingMs'>): number =>
  jobs === 0 ? 0 : remainingMs / jobs;

/** Work that a fair queue does until `own` was served `ms`. */
function servedAfterMs(own: TenantLoad, ms: number, loads: readonly TenantLoad[]): number {
  return loads
    .filter(({ tenantId }) => tenantId !== own.tenantId)
    .reduce((sum, other) => sum + Math.min(other.remainingMs, (other.weight / own.weight) * ms), ms);
}
