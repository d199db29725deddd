import type { Stage } from '@atelier/contracts';
import type { Clock, GenerationStore, Measurement, StageRun, Telemetry } from '@atelier/ports';
import { tenantClass } from './metered-store.js';

export interface QueueMetricsOptions {
  readonly store: Pick<GenerationStore, 'runsInState' | 'counts'>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'gauge'>;
  /** Every replica sees the same queue: only the leader tells it, so that sums over replicas are right. */
  readonly isLeader: () => boolean;
}

const MAX_RUNS = 10_000;
/** Gauges of one scrape share one look at the store. */
const FRESH_MS = 1_000;

/**
 * What waits and what is out, in predicted milliseconds by stage and tenant class: what an autoscaler reads. A queue of
 * more than 10,000 runs is told as 10,000: every worker is wanted then anyway.
 */
export function observeQueue({ store, clock, telemetry, isLeader }: QueueMetricsOptions): void {
  let read: { readonly atMs: number; readonly runs: Promise<readonly StageRun[]> } | null = null;
  const runs = (): Promise<readonly StageRun[]> => {
    const nowMs = clock.monotonicMs();
    if (!read || nowMs - read.atMs > FRESH_MS) {
      read = { atMs: nowMs, runs: store.runsInState(['ready', 'dispatched', 'running'], MAX_RUNS) };
    }
    return read.runs;
  };
  const ofLeader = (measure: () => Promise<readonly Measurement[]>) => async () => (isLeader() ? measure() : []);

  telemetry.gauge('atelier_leader', '1 on the replica that relays and dispatches.', () => [
    { value: isLeader() ? 1 : 0 },
  ]);
  telemetry.gauge(
    'atelier_queued_milliseconds',
    'Predicted stage milliseconds of runs that wait for a worker.',
    ofLeader(async () => predictedMs((await runs()).filter((run) => run.state === 'ready'))),
  );
  telemetry.gauge(
    'atelier_dispatched_milliseconds',
    'Predicted stage milliseconds of runs that workers hold.',
    ofLeader(async () => predictedMs((await runs()).filter((run) => run.state !== 'ready'))),
  );
  telemetry.gauge(
    'atelier_queue_age_seconds',
    'How long the oldest waiting run of a stage has waited.',
    ofLeader(async () =>
      oldest(
        (await runs()).filter((run) => run.state === 'ready'),
        clock.now(),
      ),
    ),
  );
  telemetry.gauge(
    'atelier_outbox_pending',
    'Outbox rows that are not published and marked yet.',
    ofLeader(async () => [{ value: (await store.counts()).outboxPending }]),
  );
}

function predictedMs(runs: readonly StageRun[]): Measurement[] {
  const sums = new Map<string, { value: number; labels: { stage: Stage; tenant_class: string } }>();
  for (const run of runs) {
    const labels = { stage: run.stage, tenant_class: tenantClass(run.tenantId) };
    const key = `${labels.stage}/${labels.tenant_class}`;
    const sum = sums.get(key) ?? { value: 0, labels };
    sum.value += run.predictedMs;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function oldest(runs: readonly StageRun[], now: number): Measurement[] {
  const ages = new Map<Stage, number>();
  for (const { stage, readyAt, createdAt } of runs) {
    ages.set(stage, Math.max(ages.get(stage) ?? 0, (now - (readyAt ?? createdAt)) / 1000));
  }
  return [...ages].map(([stage, value]) => ({ value, labels: { stage } }));
}
