import type { StageErrorClass } from '@atelier/contracts';

/**
 * How often a run is tried again after failures of a class, each class counted by itself. A run that lost its worker
 * more often than this, or that has lost two different ones, is quarantined: it is taken for the cause.
 */
export const RETRY_LIMITS: Readonly<Record<StageErrorClass, number>> = {
  transient: 5,
  'out-of-memory': 1,
  'worker-lost': 2,
  invalid: 0,
  expired: 0,
};

/** Orders of one run in all, whatever the reasons: ends what no single class would end (losses before the start). */
export const MAX_EXECUTIONS = 20;

const TRANSIENT_BASE_MS = 200;
const TRANSIENT_MAX_MS = 30_000;
const OUT_OF_MEMORY_DELAY_MS = 500;

export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'give-up'; readonly quarantined: boolean };

export interface FailedExecution {
  readonly errorClass: StageErrorClass;
  /** Failures that counted before this one. */
  readonly attempts: Readonly<Partial<Record<StageErrorClass, number>>>;
  /** Number of the execution that failed. */
  readonly fence: number;
  /** False for a loss that was not the run's doing: see `lossCounts`. */
  readonly counts: boolean;
  /** Whether the worker is known and is none that this run had lost before. */
  readonly onFreshWorker: boolean;
}

/**
 * Whether and when a failed run is tried again. Transient failures back off exponentially from 200 ms to 30 s, each
 * delay drawn from its upper half by `random` in [0, 1), so that runs that failed together do not return together.
 */
export function decideRetry(failed: FailedExecution, random: number): RetryDecision {
  const before = failed.attempts[failed.errorClass] ?? 0;
  const exhausted = failed.counts && (before >= RETRY_LIMITS[failed.errorClass] || isSecondWorkerLost(failed, before));
  if (exhausted || failed.fence >= MAX_EXECUTIONS) {
    return { kind: 'give-up', quarantined: failed.errorClass === 'worker-lost' };
  }
  return { kind: 'retry', delayMs: retryDelayMs(failed.errorClass, before, random) };
}

/**
 * One dead worker may be the worker's fault, a second one elsewhere is the run's. Where there is only one to ask, or
 * nobody knows which took it, a third loss decides.
 */
const isSecondWorkerLost = ({ errorClass, onFreshWorker }: FailedExecution, before: number): boolean =>
  errorClass === 'worker-lost' && onFreshWorker && before >= 1;

function retryDelayMs(errorClass: StageErrorClass, before: number, random: number): number {
  switch (errorClass) {
    case 'transient':
      return Math.round(Math.min(TRANSIENT_BASE_MS * 2 ** before, TRANSIENT_MAX_MS) * (0.5 + random / 2));
    case 'out-of-memory':
      return OUT_OF_MEMORY_DELAY_MS;
    case 'worker-lost':
    case 'invalid':
    case 'expired':
      return 0;
  }
}

/** Where a run can continue. `sinceStep` is where its current execution began: progress is what lies beyond. */
export interface Checkpoint<Blob = unknown> {
  readonly step: number;
  readonly checkpoint: Blob;
  readonly sinceStep: number;
}

/**
 * Whether a lost worker counts against the run: only if the run was executing and had moved its checkpoint nowhere since
 * it was ordered. Progress without a checkpoint does not excuse it: it would begin at the same step for ever.
 */
export const lossCounts = (run: { readonly started: boolean; readonly checkpoint: Checkpoint | null }): boolean =>
  run.started && !(run.checkpoint !== null && run.checkpoint.step > run.checkpoint.sinceStep);
