// Who is served when one tenant floods: waiting times of another one, shares by weight, and whether a long queue slows
// the dispatcher. Real control plane and embedded database, stages that only take time (200 ms of denoising).
// `npm run bench -- fairness [--flood 10000] [--seconds 60]`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TenantId } from '@atelier/contracts';
import { percentile, publish, rounded } from './report/result-file.ts';
import { type EndedJob, type StageTimes, TimedFleet } from './report/timed-fleet.ts';

const TIMES: StageTimes = { 'prompt-expansion': 5, denoising: 200, decoding: 20 };
const [FLOODING, QUIET, COMPETING] = ['ten_flooding', 'ten_quiet', 'ten_competing'] as const;
const COMPETING_WEIGHT = 2;
/** Of the quiet tenant: less than a third of one worker, so that alone it never waits for itself. */
const QUIET_INTERVAL_MS = 700;
/** Submissions at once: as many clients as a busy front has. */
const SUBMITTERS = 8;
const PUBLISHED_WINDOW_MS = 60_000;
/** The competing tenant may use two thirds of four workers in three windows. */
const COMPETING_JOBS = 2_600;

const { values } = parseArgs({ options: { flood: { type: 'string' }, seconds: { type: 'string' } } });
/** A short run prints its phases and publishes nothing. */
const isShort = values.flood !== undefined || values.seconds !== undefined;
const floodJobs = Number(values.flood ?? 10_000);
const windowMs = isShort ? 10_000 : PUBLISHED_WINDOW_MS;
const quietJobs = Math.round((Number(values.seconds ?? 60) * 1_000) / QUIET_INTERVAL_MS);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The quiet tenant sends at a fixed pace, whether or not earlier jobs are done. Milliseconds from request to picture. */
async function quietTimes(fleet: TimedFleet, jobs: number): Promise<number[]> {
  const startedMs = performance.now();
  const sent: Promise<EndedJob>[] = [];
  for (let index = 0; index < jobs; index += 1) {
    // A third of the interval more or less, in a fixed pattern: in step with the workers it would always meet the same moment.
    const jitterMs = (((index * 7) % 11) / 11 - 0.5) * (QUIET_INTERVAL_MS / 1.5);
    await pause(Math.max(0, startedMs + index * QUIET_INTERVAL_MS + jitterMs - performance.now()));
    sent.push(fleet.submit(QUIET, index).then(({ ended }) => ended));
  }
  return (await Promise.all(sent)).map(({ submittedMs, endedMs }) => endedMs - submittedMs);
}

/** As fast as the store takes them; nobody waits for their ends. */
async function submitAll(fleet: TimedFleet, tenant: TenantId, jobs: number): Promise<void> {
  let next = 0;
  const submitter = async () => {
    while (next < jobs) {
      next += 1;
      await fleet.submit(tenant, next);
    }
  };
  await Promise.all(Array.from({ length: SUBMITTERS }, submitter));
}

async function spentMs(fleet: TimedFleet): Promise<ReadonlyMap<TenantId, number>> {
  return new Map((await fleet.store.tenantShares()).map((share) => [share.tenantId, share.spentMs]));
}

/** Of what both spent in the window, the part of the one with the double weight, as a part of what it should be. */
async function shareInWindow(fleet: TimedFleet): Promise<number> {
  const before = await spentMs(fleet);
  await pause(windowMs);
  const after = await spentMs(fleet);
  const spent = (tenant: TenantId) => (after.get(tenant) ?? 0) - (before.get(tenant) ?? 0);
  const share = spent(COMPETING) / (spent(COMPETING) + spent(FLOODING));
  return rounded(share / (COMPETING_WEIGHT / (COMPETING_WEIGHT + 1)), 3);
}

async function waitingJobs(fleet: TimedFleet, tenant: TenantId): Promise<number> {
  return (await fleet.store.tenantLoads()).find(({ tenantId }) => tenantId === tenant)?.jobs ?? 0;
}

interface Phase {
  readonly workers: number;
  readonly beside: string;
  readonly waiting: number;
  readonly jobs: number;
  readonly ms_p50: number;
  readonly ms_p95: number;
  readonly dispatches_per_s: number;
  readonly look_for_ready_ms_p50: number;
  readonly look_for_ready_ms_p95: number;
  readonly commit_ms_p50: number;
}

const phases: Phase[] = [];

async function measured(fleet: TimedFleet, workers: number, beside: string, jobs = quietJobs): Promise<Phase> {
  await fleet.scale(workers);
  for (const list of Object.values(fleet.storeMs)) list.length = 0;
  const [orderedBefore, startedMs] = [fleet.ordered, performance.now()];
  const times = await quietTimes(fleet, jobs);
  const elapsedS = (performance.now() - startedMs) / 1_000;
  const { readyRuns, commit } = fleet.storeMs;
  const phase: Phase = {
    workers,
    beside,
    waiting: await waitingJobs(fleet, FLOODING),
    jobs,
    ms_p50: rounded(percentile(times, 0.5), 0),
    ms_p95: rounded(percentile(times, 0.95), 0),
    dispatches_per_s: rounded((fleet.ordered - orderedBefore) / elapsedS, 1),
    look_for_ready_ms_p50: rounded(percentile(readyRuns, 0.5)),
    look_for_ready_ms_p95: rounded(percentile(readyRuns, 0.95)),
    commit_ms_p50: rounded(percentile(commit, 0.5)),
  };
  phases.push(phase);
  console.log(JSON.stringify(phase));
  return phase;
}

/** Thrown when nothing was left of the flood: what was measured beside it says nothing. */
class FloodOverError extends Error {
  override readonly name = 'FloodOverError';
}

const folder = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
const weights = { [FLOODING]: 1, [QUIET]: 1, [COMPETING]: COMPETING_WEIGHT };
const fleet = await TimedFleet.open({ dataDir: join(folder, 'database'), times: TIMES, weights });
try {
  await fleet.scale(1);
  await quietTimes(fleet, 5);
  const idleOne = await measured(fleet, 1, 'nothing');
  const idleFour = await measured(fleet, 4, 'nothing');

  const submittingFrom = performance.now();
  const filling = submitAll(fleet, FLOODING, floodJobs).then(() => (performance.now() - submittingFrom) / 1_000);
  const submitting = await measured(fleet, 4, 'the flood being submitted', Math.min(quietJobs, 40));
  const submitS = await filling;
  const waitingAtFirst = await waitingJobs(fleet, FLOODING);
  const besideFour = await measured(fleet, 4, 'the flood');
  const besideOne = await measured(fleet, 1, 'the flood');
  const longestRunMs = percentile(fleet.runMs, 0.95);

  await submitAll(fleet, COMPETING, COMPETING_JOBS);
  const shares = [{ workers: 1, share_of_weight: [await shareInWindow(fleet), await shareInWindow(fleet)] }];
  await fleet.scale(4);
  shares.push({ workers: 4, share_of_weight: [await shareInWindow(fleet)] });
  const [floodLeft, competingLeft] = [await waitingJobs(fleet, FLOODING), await waitingJobs(fleet, COMPETING)];
  if (floodLeft === 0 || competingLeft === 0) throw new FloodOverError(`${floodLeft} and ${competingLeft} jobs left`);

  const figures = {
    stages: `timers of ${Object.entries(TIMES)
      .map(([stage, ms]) => `${ms} ms (${stage})`)
      .join(', ')}`,
    flood_jobs: floodJobs,
    submit_s: rounded(submitS, 1),
    waiting_after_submission: waitingAtFirst,
    waiting_at_the_end: floodLeft,
    longest_stage_run_ms_p95: rounded(longestRunMs, 1),
    one_worker_p95_ms: `${besideOne.ms_p95} beside the flood, bound ${rounded(idleOne.ms_p95 + 2 * longestRunMs, 0)} (alone ${idleOne.ms_p95} + two longest runs)`,
    four_workers_p95_ms: `${besideFour.ms_p95} beside the flood, bound ${2 * idleFour.ms_p95} (twice ${idleFour.ms_p95} alone)`,
    while_submitting_p95_ms: submitting.ms_p95,
    phases,
    shares_of_60_s_windows: shares,
  };
  if (isShort) console.log(figures);
  else publish('fairness', figures);
  const worst = Math.max(...shares.flatMap(({ share_of_weight }) => share_of_weight.map((one) => Math.abs(one - 1))));
  const held =
    besideOne.ms_p95 <= idleOne.ms_p95 + 2 * longestRunMs && besideFour.ms_p95 <= 2 * idleFour.ms_p95 && worst <= 0.1;
  if (!held) process.exitCode = 1;
} finally {
  await fleet.close();
  await rm(folder, { recursive: true, force: true });
}
