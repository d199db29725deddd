import type { Stage, TenantId } from '@atelier/contracts';
import { byUrgency } from '@atelier/domain';
import type { StageRun } from '@atelier/ports';

/** Stages whose results wait for a denoising worker. */
const BEFORE_DENOISING: ReadonlySet<Stage> = new Set(['prompt-expansion', 'reference-encoding']);

export const isBeforeDenoising = (stage: Stage): boolean => BEFORE_DENOISING.has(stage);

/**
 * Tells the runs that only prepare work for which its tenant's queue at the denoising workers is long enough already:
 * behind `enough` more urgent drawings of the same tenant, whatever is prepared now lies and waits. To run ahead all the
 * same would make the control plane handle a flood as fast as it can instead of as fast as it is drawn, and everybody
 * else's orders would stand behind that.
 * @param ready most urgent runs of each tenant and stage, at least `enough` where there are so many
 */
export function runningAhead(
  ready: readonly StageRun[],
  enough: number,
): { readonly runs: ReadonlySet<StageRun>; readonly tenants: ReadonlySet<TenantId> } {
  const drawings = Map.groupBy(
    ready.filter(({ stage }) => stage === 'denoising'),
    ({ tenantId }) => tenantId,
  );
  const lastNeeded = new Map<TenantId, StageRun>();
  for (const [tenantId, ofTenant] of drawings) {
    const last = [...ofTenant].sort(byUrgency)[enough - 1];
    if (last) lastNeeded.set(tenantId, last);
  }
  const runs = ready.filter((run) => {
    const last = lastNeeded.get(run.tenantId);
    if (last === undefined || !isBeforeDenoising(run.stage)) return false;
    // A drawing is as old as its own run, not as its job: among equals it is the one that came first.
    return run.priority === last.priority || byUrgency(last, run) < 0;
  });
  return { runs: new Set(runs), tenants: new Set(lastNeeded.keys()) };
}
