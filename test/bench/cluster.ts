// What the control plane of separate services costs: every process on this machine, open-loop load at several rates.
// `npm run bench -- cluster [--seconds 20] [--rates 1,5,10,20]`
import { parseArgs } from 'node:util';
import { createClient } from '@atelier/client-sdk';
import type { Cluster } from '../../tools/stack/cluster.mjs';
import { sumOfOrchestrators, withCluster } from './report/bench-cluster.ts';
import { correctnessGate } from './report/bench-platform.ts';
import { offerLoad } from './report/open-loop.ts';
import { CpuMeter } from './report/process-cpu.ts';
import { percentile, publish, rounded } from './report/result-file.ts';

const BODY = { prompt: 'a red apple', steps: 4 } as const;
const WARM_UP_JOBS = 20;
const IDLE_SECONDS = 10;
/** Pause between two rates: backlog and housekeeping of the one must not burden the next. */
const SETTLE_MS = 2_000;

const { values } = parseArgs({ options: { seconds: { type: 'string' }, rates: { type: 'string' } } });
const seconds = Number(values.seconds ?? 20);
const rates = (values.rates ?? '1,5,10,20').split(',').map(Number);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Orders that the leader has committed so far: the dispatches of all replicas together. */
const dispatches = (cluster: Cluster) => sumOfOrchestrators(cluster, 'atelier_runs_ordered_total');

async function measureRate(cluster: Cluster, meter: CpuMeter, rate: number) {
  const client = createClient({ baseUrl: cluster.url });
  const [before, orderedBefore, startedMs] = [meter.read(), await dispatches(cluster), performance.now()];
  const jobs = await offerLoad({ client, rate, seconds, body: BODY });
  const elapsedS = (performance.now() - startedMs) / 1000;
  const [cpu, ordered] = [meter.since(before), (await dispatches(cluster)) - orderedBefore];
  const overheads: number[] = [];
  const queues: number[] = [];
  for (const job of jobs) {
    const { timings, runs } = await client.getJob(job.id);
    overheads.push(job.endedMs - job.sentMs - timings.compute_ms);
    queues.push(runs.reduce((sum, run) => sum + waitOf(run), 0));
  }
  const perJob = (ms: number) => rounded(ms / jobs.length);
  const accepts = jobs.map((job) => job.acceptedMs - job.sentMs);
  return {
    offered_jobs_per_s: rate,
    jobs: jobs.length,
    jobs_per_s: rounded(jobs.length / elapsedS),
    accept_ms_p50: rounded(percentile(accepts, 0.5)),
    accept_ms_p99: rounded(percentile(accepts, 0.99)),
    queue_ms_p50: rounded(percentile(queues, 0.5)),
    overhead_ms_p50: rounded(percentile(overheads, 0.5)),
    overhead_ms_p99: rounded(percentile(overheads, 0.99)),
    dispatches_per_s: rounded(ordered / elapsedS),
    cpu_ms_per_job: perJob(cpu.own),
    infrastructure_cpu_ms_per_job: perJob(cpu.infrastructure),
    cpu_ms_per_job_by_process: Object.fromEntries(Object.entries(cpu.byName).map(([name, ms]) => [name, perJob(ms)])),
  };
}

const waitOf = (run: { readonly ready_at: number | null; readonly started_at: number | null }): number =>
  run.ready_at === null || run.started_at === null ? 0 : Math.max(0, run.started_at - run.ready_at);

await withCluster({}, async (cluster) => {
  const client = createClient({ baseUrl: cluster.url });
  await correctnessGate(client, { ...BODY, seed: 7, response_format: 'url' });
  for (let seed = 0; seed < WARM_UP_JOBS; seed += 1) await client.drawImages({ ...BODY, seed, response_format: 'url' });

  const meter = new CpuMeter(cluster);
  await pause(SETTLE_MS);
  const idleFrom = meter.read();
  await pause(IDLE_SECONDS * 1_000);
  const idle = meter.since(idleFrom);
  const cores = (ms: number) => rounded(ms / (IDLE_SECONDS * 1_000), 4);

  const curve = [];
  for (const rate of rates) {
    curve.push(await measureRate(cluster, meter, rate));
    console.log(JSON.stringify(curve.at(-1)));
    await pause(SETTLE_MS);
  }
  publish('cluster', {
    jobs: curve.reduce((sum, { jobs }) => sum + jobs, 0),
    curve,
    idle_cpu_cores: cores(idle.own),
    infrastructure_idle_cpu_cores: cores(idle.infrastructure),
    idle_cpu_cores_by_process: Object.fromEntries(Object.entries(idle.byName).map(([name, ms]) => [name, cores(ms)])),
    processes: cluster.services.length,
    weights: 'tiny',
  });
});
