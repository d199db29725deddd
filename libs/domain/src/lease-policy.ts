import type { Stage } from '@atelier/contracts';

export interface LeasePolicy {
  /** Shortest lease. Longer than any pause of a healthy process. */
  readonly minLeaseMs: number;
}

export const DEFAULT_LEASE_POLICY: LeasePolicy = { minLeaseMs: 15_000 };

/** Sluggishness that is still taken for work: this many times the predicted time. */
const PATIENCE = 5;

/** How long a worker may be silent while it executes: denoising speaks after each step, the short stages at their end. */
export function executionLeaseMs(
  run: { readonly stage: Stage; readonly predictedMs: number; readonly steps: number | null },
  policy: LeasePolicy = DEFAULT_LEASE_POLICY,
): number {
  const silentMs = run.stage === 'denoising' ? run.predictedMs / Math.max(run.steps ?? 1, 1) : run.predictedMs;
  return Math.ceil(Math.max(policy.minLeaseMs, PATIENCE * silentMs));
}

/** How long an order may wait for its first sign of life: a prefetched run waits for the whole run before it. */
export const orderLeaseMs = (
  run: { readonly stage: Stage; readonly predictedMs: number; readonly steps: number | null },
  policy: LeasePolicy = DEFAULT_LEASE_POLICY,
): number => executionLeaseMs(run, policy) + Math.ceil(PATIENCE * run.predictedMs);
