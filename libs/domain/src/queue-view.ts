import type { Stage, TenantId } from '@atelier/contracts';
import { fairOrder, type QueuedRun, StartTimeFairQueue } from './fairness.js';
import type { StageRunState } from './states.js';

export interface WaitingRun extends QueuedRun {
  readonly generationId: string;
  readonly stage: Stage;
}

/** The order in which ready runs of one stage would start if nothing new came: what "position" means. */
export function expectedOrder<R extends WaitingRun>(runs: readonly R[], weights: ReadonlyMap<TenantId, number>): R[] {
  const fairness = new StartTimeFairQueue();
  for (const [tenantId, weight] of weights) fairness.setWeight(tenantId, weight);
  return [...fairOrder(runs, fairness, () => true)].map(({ run }) => run);
}

export interface RunForReason {
  readonly stage: Stage;
  readonly state: StageRunState;
  readonly nextAttemptAt: number;
  readonly error: { readonly class: string } | null;
}

/** One sentence for people: why this generation does not move right now. Null while a worker executes one of its runs. */
export function whyItWaits(
  runs: readonly RunForReason[],
  now: number,
  ahead: { readonly position: number; readonly ofOtherTenants: number } | null,
): string | null {
  if (runs.some((run) => run.state === 'running')) return null;
  const dispatched = runs.find((run) => run.state === 'dispatched');
  if (dispatched) return `Handed to a ${dispatched.stage} worker that has not started it yet.`;
  const due = runs.filter((run) => run.state === 'ready' && run.nextAttemptAt <= now);
  const later = runs.find((run) => run.state === 'ready' && run.nextAttemptAt > now);
  const first = due[0];
  if (first) {
    if (!ahead || ahead.position === 0) return `Next in line: waits for a free ${first.stage} worker.`;
    const runsAhead = ahead.position === 1 ? '1 run is' : `${ahead.position} runs are`;
    const ofOthers = ahead.ofOtherTenants > 0 ? `, ${ahead.ofOtherTenants} of them of other tenants` : '';
    return `${runsAhead} ahead of it for ${first.stage}${ofOthers}.`;
  }
  if (later) {
    const seconds = Math.max(1, Math.ceil((later.nextAttemptAt - now) / 1_000));
    return `${later.stage} is tried again in ${seconds} s${later.error ? ` after a ${later.error.class} failure` : ''}.`;
  }
  if (runs.some((run) => run.state === 'waiting')) return 'Accepted; about to be queued.';
  return null;
}
