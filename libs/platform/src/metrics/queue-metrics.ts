import type { Stage } from '@atelier/contracts';
import type { Clock, GenerationStore, Measurement, QueueTotal, Telemetry } from '@atelier/ports';
import { tenantClass } from './metered-store.js';

export interface QueueMetricsOptions {
  readonly store: Pick<GenerationStore, 'queueTotals' | 'counts'>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'gauge'>;
  /** Every replica sees the same queue: only the leader tells it, so that sums over replicas are right. */
  readonly isLeader: () => boolean;
}

/** Gauges of one scrape share one look at the store. */
const FRESH_MS = 1_000;

/** What waits and what is out, in predicted milliseconds by stage and tenant class: what an autoscaler reads. */
export function observeQueue({ store, clock, telemetry, isLeader }: QueueMetricsOptions): void {
  let read: { readonly atMs: number; readonly totals: Promise<readonly QueueTotal[]> } | null = null;
  const totals = (): Promise<readonly QueueTotal[]> => {
    const nowMs = clock.monotonicMs();
    if (!read || nowMs - read.atMs > FRESH_MS) read = { atMs: nowMs, totals: store.queueTotals() };
    return read.totals;
  };
  const ofLeader = (measure: () => Promise<readonly Measurement[]>) => async () => (isLeader() ? measure() : []);

  telemetry.gauge('atelier_leader', '1 on the replica that relays and dispatches.', () => [
    { value: isLeader() ? 1 : 0 },
  ]);
  telemetry.gauge(
    'atelier_queued_milliseconds',
    'Predicted stage milliseconds of runs that wait for a worker.',
    ofLeader(async () => byStageAndClass(await totals(), ({ readyMs }) => readyMs)),
  );
  telemetry.gauge(
    'atelier_dispatched_milliseconds',
    'Predicted stage milliseconds of runs that workers hold.',
    ofLeader(async () => byStageAndClass(await totals(), ({ inFlightMs }) => inFlightMs)),
  );
  telemetry.gauge(
    'atelier_queue_age_seconds',
    'How long the oldest waiting run of a stage has waited.',
    ofLeader(async () => oldest(await totals(), clock.now())),
  );
  telemetry.gauge(
    'atelier_outbox_pending',
    'Outbox rows that are not published and marked yet.',
    ofLeader(async () => [{ value: (await store.counts()).outboxPending }]),
  );
}

function byStageAndClass(totals: readonly QueueTotal[], msOf: (total: QueueTotal) => number): Measurement[] {
  const sums = new Map<string, { value: number; labels: { stage: Stage; tenant_class: string } }>();
  for (const total of totals) {
    const ms = msOf(total);
    if (ms === 0) continue;
    const labels = { stage: total.stage, tenant_class: tenantClass(total.tenantId) };
    const key = `${labels.stage}/${labels.tenant_class}`;
    const sum = sums.get(key) ?? { value: 0, labels };
    sum.value += ms;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function oldest(totals: readonly QueueTotal[], now: number): Measurement[] {
  const ages = new Map<Stage, number>();
  for (const { stage, oldestReadyAt } of totals) {
    if (oldestReadyAt !== null) ages.set(stage, Math.max(ages.get(stage) ?? 0, (now - oldestReadyAt) / 1000));
  }
  return [...ages].map(([stage, value]) => ({ value, labels: { stage } }));
}
