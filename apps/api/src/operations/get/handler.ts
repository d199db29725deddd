import { OperationsSnapshot, type TenantId } from '@atelier/contracts';
import type { FailureRecord, StageRun } from '@atelier/ports';
import type { ApiDeps } from '../../api-deps.js';
import { defineRoute } from '../../http/route.js';

const MAX_RUNNING = 200;
const MAX_FAILURES = 50;

export const getOperations = defineRoute({
  method: 'GET',
  path: '/v1/operations',
  operationId: 'getOperations',
  tag: 'Operations',
  summary: 'What waits, what runs, who works, what failed',
  description:
    'With keys, a tenant sees its own jobs and totals only; positions count everybody. Details of failures are for operators and ' +
    'shown in `open` mode only.',
  auth: 'tenant',
  answers: { 200: { description: 'The platform at this moment.', schema: OperationsSnapshot } },
  errors: [],
  async handle({ deps, tenantId }) {
    const isVisible = (run: StageRun) => deps.singleTenant || run.tenantId === tenantId;
    const [queue, inFlight, failures, totals] = await Promise.all([
      deps.queue.read(),
      deps.store.runsInState(['dispatched', 'running'], MAX_RUNNING),
      visibleFailures(deps, tenantId),
      deps.store.counts(deps.singleTenant ? undefined : tenantId),
    ]);
    const now = deps.clock.now();
    return {
      status: 200,
      json: {
        at: now,
        queue: queue.rows(isVisible),
        running: inFlight.filter(isVisible).map((run) => runningRow(run, now)),
        workers: workerRows(deps),
        failures: failures.map((failure) => failureRow(failure, deps.singleTenant)),
        totals: {
          by_state: totals.byState,
          outbox_pending: totals.outboxPending,
          stage_ms: Object.fromEntries(
            Object.entries(totals.stageMs).map(([stage, { runs, meanMs }]) => [stage, { runs, mean_ms: meanMs }]),
          ),
        },
      } satisfies OperationsSnapshot,
    };
  },
});

const runningRow = (run: StageRun, now: number): OperationsSnapshot['running'][number] => ({
  job: run.generationId,
  run: run.id,
  stage: run.stage,
  worker: run.workerId ?? '',
  attempt: run.fence,
  step: run.step,
  steps: run.steps,
  running_ms: run.startedAt === null ? 0 : Math.max(0, now - run.startedAt),
  lease_left_ms: run.leaseUntil === null ? 0 : run.leaseUntil - now,
});

const workerRows = ({ workers, clock }: ApiDeps): OperationsSnapshot['workers'] =>
  workers().map((worker) => ({
    id: worker.workerId,
    stage: worker.stage,
    in_flight: worker.inFlight,
    capacity: worker.capacity,
    seen_ms_ago: Math.max(0, clock.monotonicMs() - worker.seenAtMs),
  }));

/** A failure record does not say whose it is: with keys, each is kept only if the caller's tenant owns the job. */
async function visibleFailures(
  { store, singleTenant }: ApiDeps,
  tenantId: TenantId,
): Promise<readonly FailureRecord[]> {
  const failures = await store.recentFailures(MAX_FAILURES);
  if (singleTenant) return failures;
  const owned = await Promise.all(failures.map(async ({ generationId }) => store.get(tenantId, generationId)));
  return failures.filter((_, index) => owned[index] !== null);
}

const failureRow = (failure: FailureRecord, withDetail: boolean): OperationsSnapshot['failures'][number] => ({
  job: failure.generationId,
  at: failure.at,
  stage: failure.stage,
  code: failure.error.code,
  message: failure.error.message,
  detail: withDetail ? (failure.error.detail ?? null) : null,
  attempt: failure.attempt,
});
