// What the orchestrator of the separate services spends its processor time on, idle and under load, and how many
// dispatches that makes. `npm run bench -- control-plane-profile [--seconds 20] [--rates 10,20]` also writes
// docs/control-plane-profile.md.
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from '@atelier/client-sdk';
import { sumOfOrchestrators, withCluster } from './report/bench-cluster.ts';
import { correctnessGate } from './report/bench-platform.ts';
import { functionOf, libraryOf, type SelfTime, selfTimes } from './report/cpu-profile.ts';
import { freePort, InspectedProcess } from './report/inspected-process.ts';
import { offerLoad } from './report/open-loop.ts';
import { CpuMeter } from './report/process-cpu.ts';
import { publish, rounded } from './report/result-file.ts';

const PAGE = fileURLToPath(new URL('../../docs/control-plane-profile.md', import.meta.url));
const BODY = { prompt: 'a red apple', steps: 4 } as const;
const NAME = 'orchestrator-1';
const WARM_UP_JOBS = 40;
const IDLE_SECONDS = 20;
const SETTLE_MS = 4_000;
const LIBRARIES_SHOWN = 12;
const FUNCTIONS_SHOWN = 15;

const { values } = parseArgs({ options: { seconds: { type: 'string' }, rates: { type: 'string' } } });
const seconds = Number(values.seconds ?? 20);
const rates = (values.rates ?? '10,20').split(',').map(Number);
const isShort = values.seconds !== undefined || values.rates !== undefined;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Profiled {
  readonly title: string;
  readonly cpuMs: number;
  readonly libraries: readonly SelfTime[];
  readonly functions: readonly SelfTime[];
}

const table = (heading: string, times: readonly SelfTime[], shown: number): string => {
  const totalMs = times.reduce((sum, { ms }) => sum + ms, 0);
  const rows = times.slice(0, shown).map(({ name, ms }) => `| ${name} | ${rounded((100 * ms) / totalMs, 1)} |`);
  return [`| ${heading} | % |`, '| --- | ---: |', ...rows].join('\n');
};

const pageOf = (profiles: readonly Profiled[], intro: string): string =>
  [
    '# What the orchestrator spends its processor time on',
    '',
    intro,
    ...profiles.flatMap(({ title, libraries, functions }) => [
      '',
      `## ${title}`,
      '',
      table('library', libraries, LIBRARIES_SHOWN),
      '',
      table('function', functions, FUNCTIONS_SHOWN),
    ]),
    '',
  ].join('\n');

const port = await freePort();
const inspectable = { orchestrator: { NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` } };
await withCluster({ environments: inspectable }, async (cluster) => {
  const client = createClient({ baseUrl: cluster.url });
  await correctnessGate(client, { ...BODY, seed: 7, response_format: 'url' });
  for (let seed = 0; seed < WARM_UP_JOBS; seed += 1) await client.drawImages({ ...BODY, seed, response_format: 'url' });
  const meter = new CpuMeter(cluster);
  const pid = cluster.ofKind('orchestrator')[0]?.pid as number;

  // What it costs is measured without the profiler, which costs something itself.
  await pause(SETTLE_MS);
  const idleFrom = meter.read();
  await pause(IDLE_SECONDS * 1_000);
  const idleMs = meter.since(idleFrom).byName[NAME] ?? 0;
  const curve: { jobs_per_s: number; cpu_ms_per_job: number; dispatches_per_s: number; commits_per_job: number }[] = [];
  for (const rate of rates) {
    const [before, startedMs] = [meter.read(), performance.now()];
    const [ordered, commits] = [
      await sumOfOrchestrators(cluster, 'atelier_runs_ordered_total'),
      await sumOfOrchestrators(cluster, 'atelier_commit_duration_seconds_count'),
    ];
    const jobs = await offerLoad({ client, rate, seconds, body: BODY });
    const elapsedS = (performance.now() - startedMs) / 1_000;
    curve.push({
      jobs_per_s: rounded(jobs.length / elapsedS),
      cpu_ms_per_job: rounded((meter.since(before).byName[NAME] ?? 0) / jobs.length),
      dispatches_per_s: rounded(
        ((await sumOfOrchestrators(cluster, 'atelier_runs_ordered_total')) - ordered) / elapsedS,
      ),
      commits_per_job: rounded(
        ((await sumOfOrchestrators(cluster, 'atelier_commit_duration_seconds_count')) - commits) / jobs.length,
      ),
    });
    console.log(JSON.stringify(curve.at(-1)));
    await pause(SETTLE_MS);
  }

  const inspected = await InspectedProcess.attach(pid, port);
  const profiles: Profiled[] = [];
  const profile = async (title: string, work: () => Promise<unknown>) => {
    const { profile: taken } = await inspected.profileDuring(work);
    const libraries = selfTimes(taken, libraryOf);
    const cpuMs = libraries.reduce((sum, { ms }) => sum + ms, 0);
    profiles.push({ title, cpuMs, libraries, functions: selfTimes(taken, functionOf) });
    await pause(SETTLE_MS);
  };
  await profile('Idle, as the leader', () => pause(IDLE_SECONDS * 1_000));
  for (const rate of rates) {
    await profile(`${rate} jobs per second`, () => offerLoad({ client, rate, seconds, body: BODY }));
  }
  inspected.close();

  const idleCores = rounded(idleMs / (IDLE_SECONDS * 1_000), 4);
  const intro = [
    '`npm run bench -- control-plane-profile`: self time of the sampling profiler by library and by function, of the one',
    'orchestrator of a cluster on this machine (7 processes of ours, Kafka, PostgreSQL, Redis, S3; tiny weights, 4 steps).',
    `Without the profiler it costs ${idleCores} cores idle and ${curve.map((one) => `${one.cpu_ms_per_job} ms a job at ${one.jobs_per_s} jobs/s (${one.dispatches_per_s} dispatches/s, ${one.commits_per_job} commits a job)`).join(', ')}.`,
    `Load average of the machine: ${loadavg()[0]?.toFixed(1)}.`,
  ].join('\n');
  const page = pageOf(profiles, intro);
  console.log(page);
  if (!isShort) {
    await writeFile(PAGE, page);
    publish('control-plane-profile', { idle_cpu_cores: idleCores, curve, seconds, weights: 'tiny' });
  }
});
