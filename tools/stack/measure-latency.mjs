// Latencies of the adapters on real servers, as a table for docs/log.md. After a build:
// `node tools/stack/measure-latency.mjs [--rounds 200]`, with Node 24.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { S3BlobStore } from '@atelier/blob-s3';
import { RedisReferenceCache } from '@atelier/cache-redis';
import { openPostgresStore } from '@atelier/store-prisma';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';
import { startS3 } from './s3.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
const clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const MIB = 1_048_576;
const rows = [];

/** @param {(round: number) => Promise<unknown>} work timed as a whole */
async function measure(server, what, work, times = rounds) {
  for (let round = 0; round < Math.ceil(times / 10); round += 1) await work(-1 - round);
  const took = [];
  const cpuBefore = process.cpuUsage();
  for (let round = 0; round < times; round += 1) {
    const startedAt = performance.now();
    await work(round);
    took.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = ((user + system) / 1_000 / times).toFixed(2);
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(2);
  rows.push(`| ${server} | ${what} | ${times} | ${at(0.5)} | ${at(0.99)} | ${cpuMs} |`);
}

async function measurePostgres(url) {
  const [store, other] = await Promise.all([openPostgresStore({ url, clock }), openPostgresStore({ url, clock })]);
  const generationOf = (round) => ({
    ...{ id: `gen_measure${String(round + 1_000).padStart(19, '0')}`, tenantId: 'ten_measure', state: 'queued' },
    ...{ request: { prompts: ['a red apple'], priority: 'normal' }, weights: { name: 'tiny' }, samples: [] },
    ...{ expansion: null, warnings: [], error: null, traceparent: null },
    ...{ createdAt: round + 1_000, startedAt: null, finishedAt: null },
  });
  const event = { type: 'stage.started', at: 1, data: {} };
  const message = (key) => ({ topic: 'generation.submitted.v1', key, value: 'x'.repeat(300), headers: {} });
  const active = (id) => ({ generationId: id, guard: { kind: 'generation-active' }, events: [event] });
  const { id } = generationOf(rounds);

  await measure('PostgreSQL', 'submit (generation, log entry, message)', (round) => {
    const generation = generationOf(round);
    return store.submit({ generation, runs: [], events: [event], outbox: [message(generation.id)] });
  });
  await store.submit({ generation: generationOf(rounds), runs: [], events: [event], outbox: [] });
  await measure('PostgreSQL', 'commit (guard, log entry, message)', () =>
    store.commit({ ...active(id), outbox: [message(id)] }),
  );
  await measure('PostgreSQL', 'load one generation', () => store.load(id));
  await measure('PostgreSQL', 'ready runs, empty queue', () => store.readyRuns(1, 8));
  await measure('PostgreSQL', 'commit until another process has heard of it', async () => {
    const heard = new Promise((resolve) => {
      const stop = other.watch(id, () => {
        stop();
        resolve();
      });
    });
    await store.commit(active(id));
    await heard;
  });
  await Promise.all([store.close(), other.close()]);
}

async function measureRedis(url) {
  const cache = new RedisReferenceCache({ url, clock, capacityBytes: 40 * MIB });
  await cache.connected();
  await measure('Redis', 'miss', (round) => cache.get('ten_measure', `none ${round}`));
  for (const [name, bytes] of [
    ['64 KiB', 65_536],
    ['1 MiB', MIB],
    ['8 MiB', 8 * MIB],
  ]) {
    const content = new Uint8Array(bytes).fill(7);
    const times = Math.ceil(rounds / (bytes > MIB ? 5 : 1));
    await measure(
      'Redis',
      `put ${name}`,
      () => cache.put('ten_measure', name, content, { recomputeMs: 60_000 }),
      times,
    );
    await measure('Redis', `hit ${name}`, () => cache.get('ten_measure', name), times);
  }
  const { latencyMs, bytesPerMs } = cache.statistics().breakEven;
  rows.push(`| Redis | break-even: ${latencyMs.toFixed(2)} ms + bytes / ${Math.round(bytesPerMs)} per ms | | | | |`);
  cache.close();
}

async function measureS3({ endpoint, region, accessKeyId, secretAccessKey }) {
  const store = new S3BlobStore({
    ...{ endpoint, region, bucket: 'measure', clock },
    credentials: { accessKeyId, secretAccessKey },
  });
  await store.ensureBucket();
  const type = { contentType: 'application/octet-stream' };
  for (const [name, bytes] of [
    ['16 KiB', 16_384],
    ['1 MiB', MIB],
  ]) {
    const content = new Uint8Array(bytes).fill(7);
    await measure('S3', `put ${name}`, (round) => store.put(`t/${bytes}/${round + 1_000}`, content, type));
    await measure('S3', `get ${name}`, () => store.get(`t/${bytes}/1000`));
  }
  await measure('S3', 'get 4 KiB of 1 MiB', () => store.get(`t/${MIB}/1000`, { start: 4_096, endExclusive: 8_192 }));
  await measure('S3', 'head', () => store.head(`t/${MIB}/1000`));
  store.close();
}

const folder = mkdtempSync(path.join(tmpdir(), 'atelier-latency-'));
chmodSync(folder, 0o755);
const started = [];
try {
  for (const [start, measureIt] of [
    [startPostgres, (server) => measurePostgres(server.url)],
    [startRedis, (server) => measureRedis(server.url)],
    [startS3, measureS3],
  ]) {
    const server = await start({ dataDir: path.join(folder, start.name) });
    started.push(server);
    await measureIt(server);
    await server.stop();
  }
} finally {
  for (const server of started) await server.kill();
  rmSync(folder, { recursive: true });
}
process.stdout.write(`Load average over a minute: ${loadavg()[0].toFixed(1)}\n\n`);
process.stdout.write(
  `| server | operation | n | p50 ms | p99 ms | client CPU ms |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
);
