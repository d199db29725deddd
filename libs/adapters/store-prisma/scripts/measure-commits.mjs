// Measures the embedded store on files: opening, and the transitions of a job, one after the other and concurrently.
// Usage, after a build: node scripts/measure-commits.mjs [--jobs 500] [--durability process|machine] [--folder <new>]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { exampleGeneration, exampleRequest, exampleRun } from '@atelier/ports/examples';

const { createEmbeddedStore } = await import(new URL('../dist/index.js', import.meta.url).href);
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '500' },
    durability: { type: 'string', default: 'process' },
  },
});
const jobs = Number(values.jobs);
const folder = mkdtempSync(path.join(tmpdir(), 'atelier-measure-'));
const clock = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => undefined };
const open = () => createEmbeddedStore({ dataDir: path.join(folder, 'db'), clock, durability: values.durability });

const timings = new Map();
const timed = async (name, work) => {
  const start = performance.now();
  const result = await work();
  const list = timings.get(name) ?? [];
  timings.set(name, list);
  list.push(performance.now() - start);
  return result;
};

const tenantId = 'ten_measure';
const idOf = (prefix, number) => `${prefix}_${String(number).padStart(26, '0')}`;
const plan = {
  caption: 'red apple left of dog, glossy, meadow, day',
  layout: [{ factId: 'o1', concept: 'apple', box: { x: 0.1, y: 0.3, width: 0.3, height: 0.3 } }],
};
const facts = {
  objects: [
    { id: 'o1', concept: 'apple', count: 1, colour: 'red' },
    { id: 'o2', concept: 'dog', count: 1 },
  ],
  relations: [{ subject: 'o1', relation: 'left-of', object: 'o2' }],
  absent: [],
};
const blob = (name) => ({
  key: `ten_measure/gen/denoising/${name}`,
  bytes: 16_384,
  sha256: 'a'.repeat(64),
  contentType: 'application/octet-stream',
});
const request = exampleRequest();
const runOf = (generation, number, stage, input) =>
  exampleRun(generation, {
    id: idOf('run', number),
    stage,
    sampleIndex: 0,
    candidateIndex: 0,
    predictedMs: 40,
    input,
  });
const message = (topic, key) => ({
  topic,
  key,
  value: JSON.stringify({ schemaVersion: 1, tenantId, generationId: key, request, plan, facts }),
  headers: { ce_specversion: '1.0', ce_type: topic, ce_id: key },
});

/** One job through its stages, with the statements that relay, dispatcher and acceptance make. */
const job = async (store, number) => {
  const generationId = idOf('gen', number);
  const stages = [
    ['prompt-expansion', { prompts: request.prompts }],
    ['denoising', { plans: [plan], seed: 7, steps: 8 }],
    ['decoding', { latents: blob('l') }],
    ['scoring', { images: [blob('i')], facts: [facts] }],
  ];
  const generation = exampleGeneration({ id: generationId, tenantId, createdAt: Date.now() });
  const runs = stages.map(([stage, input], index) => runOf(generation, number * 10 + index, stage, input));
  await timed('submit', () =>
    store.submit({
      generation,
      runs: [runs[0]],
      events: [{ type: 'generation.queued', at: Date.now(), data: {} }],
      outbox: [message('generation.submitted.v1', generationId)],
      idempotency: { key: generationId, requestHash: 'h' },
    }),
  );
  for (const [index, run] of runs.entries()) {
    await timed('readyRuns', () => store.readyRuns(Date.now(), 8));
    await timed('dispatch', () =>
      store.commit({
        generationId,
        guard: { kind: 'run', runId: run.id, fence: 0, states: ['ready'] },
        updateRuns: [{ id: run.id, state: 'dispatched', fence: 1, leaseUntil: Date.now() + 30_000, workerId: 'w' }],
        events: [{ type: 'stage.started', at: Date.now(), stage: run.stage, runId: run.id, data: { attempt: 1 } }],
        outbox: [message(`${run.stage}.requested.v1`, generationId)],
      }),
    );
    const rows = await timed('readOutbox', () => store.readOutbox(100));
    await timed('markPublished', () => store.markPublished(rows.map(({ id }) => id)));
    const aggregate = await timed('load', () => store.load(generationId));
    const next = runs[index + 1];
    await timed('accept', () =>
      store.commit({
        generationId,
        guard: { kind: 'run', runId: run.id, fence: 1, states: ['dispatched', 'running'] },
        expectedSequence: aggregate.lastSequence,
        generation: next
          ? { state: 'running' }
          : {
              state: 'succeeded',
              finishedAt: Date.now(),
              samples: [{ index: 0, state: 'succeeded', error: null, chosenCandidate: 0 }],
            },
        updateRuns: [
          {
            id: run.id,
            state: 'completed',
            result: { latents: blob('l'), stepsRun: 8 },
            durationMs: 38.2,
            finishedAt: Date.now(),
            leaseUntil: null,
          },
        ],
        ...(next
          ? { insertRuns: [next] }
          : {
              charges: [{ generationId, tenantId, sampleIndex: 0, computeMs: 50, at: Date.now() }],
              outbox: [message('generation.finished.v1', generationId)],
            }),
        events: [
          { type: 'stage.completed', at: Date.now(), stage: run.stage, runId: run.id, data: { durationMs: 38.2 } },
        ],
        spentMs: { tenantId, stage: run.stage, ms: 38.2 },
      }),
    );
  }
};

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
const report = (title) => {
  process.stdout.write(`\n${title}\n`);
  for (const [name, list] of timings) {
    const sorted = list.toSorted((a, b) => a - b);
    const figures = [0.5, 0.95, 0.99].map((q) => quantile(sorted, q).toFixed(2).padStart(8));
    process.stdout.write(
      `${name.padEnd(16)} n ${String(list.length).padStart(6)}  p50 p95 p99 ms${figures.join('')}\n`,
    );
  }
  timings.clear();
};

try {
  let store = await timed('open new folder', open);
  await timed('close', () => store.close());
  store = await timed('open again', open);
  report('opening');
  for (let number = 0; number < 20; number += 1) await job(store, number);
  timings.clear();
  const start = performance.now();
  for (let number = 100; number < 100 + jobs; number += 1) await job(store, number);
  const seconds = (performance.now() - start) / 1_000;
  report(
    `${jobs} jobs one after the other: ${(jobs / seconds).toFixed(1)} jobs/s, ${((jobs * 9) / seconds).toFixed(0)} transitions/s with their reads`,
  );
  const concurrentStart = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async (_, lane) => {
      for (let number = 0; number < jobs / 16; number += 1) await job(store, 1_000_000 + lane * 10_000 + number);
    }),
  );
  report(
    `the same number, 16 at once: ${((Math.floor(jobs / 16 + 1) * 16) / ((performance.now() - concurrentStart) / 1_000)).toFixed(1)} jobs/s`,
  );
  await store.close();
  await timed('open after the load', open).then((again) => again.close());
  report('opening');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
