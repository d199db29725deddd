import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AtelierClient, createClient, type Job } from '@atelier/client-sdk';
import { type EventLogEntry, STAGES } from '@atelier/contracts';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { systemClock } from '@atelier/platform';
import type { GenerationStore } from '@atelier/ports';
import { openPostgresStore } from '@atelier/store-prisma';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type Cluster, type ClusterService, startCluster } from '../../tools/stack/cluster.mjs';
import { stackOf } from '../../tools/stack/index.mjs';
import { type RedisServer, startRedis } from '../../tools/stack/redis.mjs';
import type {} from '../../tools/stack/vitest-stack.mjs';
import { pictureHash } from './cluster/pictures.ts';
import { referencesAcrossWorkers } from './cluster/references-across-workers.ts';
import { SpanCollector } from './cluster/span-collector.ts';

const CRASHING_WORKER = fileURLToPath(new URL('./cluster/crashing-worker.ts', import.meta.url));
const REQUEST = { prompt: 'a red apple left of a dog', seed: 7, steps: 4 } as const;
/** Predicted cost of a step from which on every step is kept as a checkpoint. */
const CHECKPOINTED_STEP_MS = 60;
const LEASE_MS = 15_000;

/**
 * Real: every program of the platform as a process of its own (API, orchestrator and denoising twice), Kafka,
 * PostgreSQL, Redis, an S3 server, the tiny weights, HTTP clients.
 */
describe('the separate services', { timeout: 180_000 }, () => {
  const collector = new SpanCollector();
  let folder: string;
  let weightsRoot: string;
  let cluster: Cluster;
  let client: AtelierClient;
  let store: GenerationStore;
  let redis: RedisServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-cluster-'));
    await chmod(folder, 0o755);
    weightsRoot = join(folder, 'weights');
    await copyTinyWeights(join(weightsRoot, 'tiny'));
    redis = await startRedis({ dataDir: join(folder, 'redis') });
    const stack = stackOf({
      kafka: inject('kafka'),
      postgres: inject('postgres'),
      redis,
      s3: inject('s3'),
    });
    cluster = await startCluster({
      dataDir: join(folder, 'cluster'),
      stack,
      replicas: { api: 2, orchestrator: 2, denoising: 2 },
      environment: {
        ATELIER_WEIGHTS: 'tiny',
        ATELIER_WEIGHTS_DIR: weightsRoot,
        ATELIER_THREADS: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
      },
    });
    client = createClient({ baseUrl: cluster.url });
    store = await openPostgresStore({ url: inject('postgres').url, clock: systemClock });
  }, 240_000);

  afterAll(async () => {
    await store?.close();
    await cluster?.stop();
    collector.stop();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }, 60_000);

  const draw = async (body: object = REQUEST): Promise<{ job: Job; sha256: string }> => {
    const job = await client.waitForJob((await client.createJob({ ...REQUEST, ...body })).id);
    expect(job).toMatchObject({ status: 'succeeded' });
    return { job, sha256: await pictureHash(client, job) };
  };

  it('draw over five worker processes the very picture that one process draws', async () => {
    const platform = await startEmbedded({
      dataDir: join(folder, 'embedded'),
      weightsDir: join(weightsRoot, 'tiny'),
      threads: 1,
      selfCheck: false,
    });
    try {
      const embedded = await drawEmbedded(platform);
      const { job, sha256 } = await draw();
      expect(sha256).toBe(embedded);
      const aggregate = await store.load(job.id);
      const workers = aggregate?.runs.map((run) => run.workerId ?? run.stage);
      expect(new Set(aggregate?.runs.map((run) => run.stage))).toEqual(
        new Set(STAGES.filter((stage) => stage !== 'reference-encoding')),
      );
      expect(workers?.filter((worker) => worker.startsWith('denoising-'))).toHaveLength(1);
    } finally {
      await platform.stop();
    }
  });

  it('leave one trace per job: from the request through every stage to the engine', async () => {
    const traceId = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    const response = await fetch(`${cluster.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: JSON.stringify(REQUEST),
    });
    expect(response.status).toBe(200);
    const expected = [
      'atelier-api POST /v1/images/generations',
      'atelier-prompt-expansion-worker prompt-expansion',
      'atelier-denoising-worker denoising',
      'atelier-denoising-worker inference.denoise',
      'atelier-decoding-worker decoding',
      'atelier-decoding-worker inference.decode',
      'atelier-scoring-worker scoring',
      'atelier-orchestrator scoring.completed.v1 process',
    ];
    await expect
      .poll(() => collector.ofTrace(traceId).map(({ service, name }) => `${service} ${name}`))
      .toEqual(expect.arrayContaining(expected));
    const spans = collector.ofTrace(traceId);
    const ids = new Set(spans.map(({ spanId }) => spanId).concat('00f067aa0ba902b7'));
    expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? 'none'))).toEqual([]);
  });

  it('keep the database from every worker, which serve all the same', async () => {
    const workers = cluster.services.filter(({ kind }) => STAGES.some((stage) => stage === kind));
    expect(workers).toHaveLength(6);
    for (const { pid } of workers) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      expect(environment).not.toMatch(/postgres/i);
    }
  });

  it('tell each process alive, ready and measured', async () => {
    for (const service of cluster.services) {
      expect((await fetch(`${service.opsUrl}/healthz`)).status).toBe(200);
      expect((await fetch(`${service.opsUrl}/readyz`)).status).toBe(200);
    }
    const leaders = await leadersOf(cluster);
    expect(leaders).toHaveLength(1);
    expect(await metricsOf(leaders[0] as ClusterService)).toContain('atelier_outbox_pending');
    // Every replica handles events, those of its own partitions.
    const orchestrators = await Promise.all(cluster.ofKind('orchestrator').map(metricsOf));
    expect(orchestrators.join('\n')).toMatch(
      /atelier_handler_duration_seconds_count\{topic="denoising\.completed\.v1",outcome="handled"\} \d/,
    );
    expect(await metricsOf(cluster.service('decoding-1'))).toMatch(
      /topic="decoding\.requested\.v1",outcome="handled"\} \d/,
    );
  });

  it('go on with a stream of events at the other API replica without a gap', async () => {
    const job = await client.createJob({ ...REQUEST, seed: 11, n: 2 });
    const other = createClient({ baseUrl: cluster.urls[1] as string });
    const first: EventLogEntry[] = [];
    for await (const event of client.streamJob(job.id)) {
      if (event.kind === 'entry') first.push(event.entry);
      if (first.length === 3) break;
    }
    const afterSequence = first.at(-1)?.sequence ?? 0;
    const rest: EventLogEntry[] = [];
    for await (const event of other.streamJob(job.id, { afterSequence })) {
      if (event.kind === 'entry') rest.push(event.entry);
    }
    const sequences = [...first, ...rest].map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    expect(rest.at(-1)?.type).toBe('generation.succeeded');
    expect((await other.listJobs({ limit: 50 })).data.map(({ id }) => id)).toContain(job.id);
  });

  it('continue the drawing of a worker that was killed, from its last checkpoint, to the same bytes', async () => {
    const undisturbed = await draw({ seed: 21 });
    const [doomed, survivor] = cluster.ofKind('denoising') as [ClusterService, ClusterService];
    await survivor.stop();
    await doomed.restart({ program: CRASHING_WORKER, args: ['denoising.after-step', '2'] });
    await doomed.waitUntilReady();
    const job = await client.createJob({ ...REQUEST, seed: 21 });
    expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });
    const lostAtMs = performance.now();
    await Promise.all([survivor.start(), doomed.start()]);
    const finished = await client.waitForJob(job.id);
    expect(finished.status).toBe('succeeded');
    expect(await pictureHash(client, finished)).toBe(undisturbed.sha256);
    expect(performance.now() - lostAtMs).toBeLessThan(3 * LEASE_MS);
    const denoising = (await store.load(job.id))?.runs.find((run) => run.stage === 'denoising');
    expect(denoising).toMatchObject({ fence: 2, result: { resumedFromStep: 2, stepsRun: 2 } });
    await cluster.waitUntilReady();
  });

  referencesAcrossWorkers(() => ({ cluster, store, redis }));

  it('agree on the time of the database server, whatever their own clocks say', async () => {
    const askedAt = Date.now();
    const told = await store.serverTime?.();
    expect(told).toBeGreaterThanOrEqual(askedAt - 1_000);
    expect(told).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it('are led by another orchestrator within seconds after the leader was killed', async () => {
    const [leader] = await leadersOf(cluster);
    await leader?.kill();
    const killedAtMs = performance.now();
    const drawing = draw({ seed: 31 });
    // The lease of five seconds, and a look every second; twice that on a busy machine.
    await vi.waitFor(
      async () => {
        const next = await leadersOf(cluster);
        expect(next.map(({ name }) => name)).not.toContain(leader?.name);
        expect(next).toHaveLength(1);
      },
      { timeout: 12_000, interval: 100 },
    );
    const { job } = await drawing;
    expect(performance.now() - killedAtMs).toBeLessThan(30_000);
    expect((await store.charges(job.id)).length).toBe(1);
    await leader?.restart();
    await leader?.waitUntilReady();
  });

  it('lose nothing over a rolling restart of every service under load, each down in order', async () => {
    const jobs: Promise<Job>[] = [];
    let restarting = true;
    const load = (async () => {
      for (let seed = 100; restarting || jobs.length < 5; seed += 1) {
        const { id } = await anyApi(cluster, (one) => one.createJob({ ...REQUEST, seed }));
        jobs.push(anyApi(cluster, (one) => one.waitForJob(id)));
        await new Promise((resolve) => setTimeout(resolve, LOAD_INTERVAL_MS));
      }
    })();
    for (const wave of ROLLING_RESTART) {
      await Promise.all(
        wave.map(async (name) => {
          const service = cluster.service(name);
          expect({ name, ...(await service.stop()) }).toMatchObject({ name, code: 0 });
          await service.start();
          await service.waitUntilReady();
        }),
      );
    }
    restarting = false;
    await load;
    const finished = await Promise.all(jobs);
    expect(finished.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  });
});

/** Every service once, and of each replicated kind one at a time. */
const ROLLING_RESTART = [
  ['api-1', 'orchestrator-1', 'denoising-1', 'prompt-expansion-1', 'decoding-1'],
  ['api-2', 'orchestrator-2', 'denoising-2', 'reference-encoding-1', 'scoring-1'],
];
const LOAD_INTERVAL_MS = 500;

/** The shipped tiny weights, with steps that are predicted to be slow enough to be kept. */
async function copyTinyWeights(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(await findWeights('tiny'), folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  manifest.costModel.stepMs = CHECKPOINTED_STEP_MS;
  await writeFile(path, JSON.stringify(manifest));
}

async function drawEmbedded({ url }: EmbeddedPlatform): Promise<string> {
  const client = createClient({ baseUrl: url });
  return pictureHash(client, await client.waitForJob((await client.createJob(REQUEST)).id));
}

const metricsOf = async (service: ClusterService): Promise<string> => (await fetch(`${service.opsUrl}/metrics`)).text();

async function leadersOf(cluster: Cluster): Promise<ClusterService[]> {
  const running = cluster.ofKind('orchestrator').filter(({ isRunning }) => isRunning);
  const metrics = await Promise.all(running.map(metricsOf));
  return running.filter((_, index) => /^atelier_leader 1$/m.test(metrics[index] as string));
}

/** One replica may be away: the next one is asked, as a load balancer would. */
async function anyApi<T>(cluster: Cluster, call: (client: AtelierClient) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const url = cluster.urls[attempt % cluster.urls.length] as string;
    try {
      return await call(createClient({ baseUrl: url }));
    } catch (error) {
      if (attempt >= 20) throw error;
    }
  }
}
