// Kills a process with SIGKILL again and again while it writes to the embedded store, and proves that every write it
// acknowledged is there afterwards, whole, with a log without gaps.
// Usage, after a build: node scripts/kill-durability.mjs [--kills 200] [--seed 1] [--folder <new folder>]
// The last line on standard output is a JSON object with the counts; the exit code is 1 when a row was lost.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exampleGeneration, exampleRun } from '@atelier/ports/examples';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
    write: { type: 'boolean', default: false },
    round: { type: 'string', default: '0' },
  },
});

/** Of the writer: writers at once, and so few writes between two maintenances that kills hit those too. */
const LANES = 4;
const WRITES_PER_MAINTENANCE = 40;
const TENANT = 'ten_durability';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => undefined };
const openStore = async (folder) => {
  const { createEmbeddedStore } = await import(new URL('../dist/index.js', import.meta.url).href);
  const dataDir = path.join(folder, 'db');
  return createEmbeddedStore({ dataDir, clock, writesPerMaintenance: WRITES_PER_MAINTENANCE });
};
const journalPath = (folder) => path.join(folder, 'acknowledged.log');
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

/** Newest acknowledged log sequence of every generation. Only whole lines count: the last one may be torn. */
const acknowledged = (folder) => {
  const newest = new Map();
  if (!existsSync(journalPath(folder))) return newest;
  for (const line of readFileSync(journalPath(folder), 'utf8').split('\n').slice(0, -1)) {
    const [id, sequence] = line.split(' ');
    newest.set(id, Math.max(newest.get(id) ?? 0, Number(sequence)));
  }
  return newest;
};

/** Compares the store with the journal. A write that was not acknowledged may be there or not, but never in part. */
const verify = async (store, folder, firstRound) => {
  const counts = { acknowledged: 0, lost: 0, torn: 0 };
  const found = new Map();
  let cursor;
  do {
    const query = { limit: 200, createdAfter: firstRound - 1, ...(cursor ? { cursor } : {}) };
    const page = await store.list(TENANT, query);
    for (const aggregate of page.generations) {
      found.set(aggregate.generation.id, aggregate.lastSequence);
      if (!(await isWhole(store, aggregate))) counts.torn += 1;
    }
    cursor = page.nextCursor;
  } while (cursor);
  for (const [id, sequence] of acknowledged(folder)) {
    counts.acknowledged += sequence;
    counts.lost += Math.max(0, sequence - (found.get(id) ?? 0));
  }
  return counts;
};

/** Every transition of `write` appends one entry, inserts one run and charges one sample: their counts tell parts apart. */
const isWhole = async (store, { generation, runs, lastSequence }) => {
  const events = await store.readEvents(generation.id, 0, 1_000);
  const charges = await store.charges(generation.id);
  return (
    events.every((entry, index) => entry.sequence === index + 1) &&
    events.length === lastSequence &&
    runs.length === lastSequence &&
    charges.length === lastSequence - 1
  );
};

const runOf = (generation, index) =>
  exampleRun(generation, {
    id: `run_${generation.id.slice(4)}${String(index).padStart(3, '0')}`,
    stage: 'denoising',
    sampleIndex: index,
    candidateIndex: 0,
    input: { padding: 'x'.repeat(500) },
    createdAt: index,
    readyAt: index,
  });

const write = async (store, folder, lane) => {
  const message = (id) => ({ topic: 'generation.submitted.v1', key: id, value: 'x'.repeat(300), headers: {} });
  const event = { type: 'stage.started', at: 0, data: {} };
  for (let number = 0; ; number += 1) {
    const id = `gen_${[values.round, lane, number].map((part) => String(part).padStart(7, '0')).join('')}`;
    const generation = exampleGeneration({ id, tenantId: TENANT, createdAt: Number(values.round) });
    const acknowledge = (sequence) => appendFileSync(journalPath(folder), `${id} ${sequence}\n`);
    const runs = Array.from({ length: 6 }, (_, index) => runOf(generation, index));
    await store.submit({ generation, runs: [runs[0]], events: [event], outbox: [message(id)] });
    acknowledge(1);
    if (lane === 0 && number === 0) say({ writing: true });
    for (const [index, run] of runs.entries()) {
      if (index === 0) continue;
      const outcome = await store.commit({
        generationId: id,
        guard: { kind: 'generation-active' },
        expectedSequence: index,
        updateRuns: [{ id: runs[index - 1].id, state: 'completed', result: { index } }],
        insertRuns: [run],
        events: [event],
        outbox: [message(id)],
        charges: [{ generationId: id, tenantId: TENANT, sampleIndex: index, computeMs: 1, at: 0 }],
      });
      if (outcome !== 'applied') throw new Error(`${id}: transition ${index} was ${outcome}`);
      acknowledge(index + 1);
    }
    await store.markPublished((await store.readOutbox(50)).map((row) => row.id));
  }
};

const randomFrom = (seed) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Starts the writer, kills it at a random moment (one time in five while it still opens), resolves when it is gone. */
const killOnce = (folder, round, random) =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(import.meta.url), '--write', '--folder', folder, '--round', String(round)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const kill = () => child.kill('SIGKILL');
    if (random() < 0.2) setTimeout(kill, random() * 1_500);
    child.stdout.once('data', () => setTimeout(kill, 50 + random() * 1_200));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the writer ended by itself with code ${code}`));
    });
  });

const proveDurability = async () => {
  const folder = values.folder ?? mkdtempSync(path.join(tmpdir(), 'atelier-durability-'));
  const random = randomFrom(Number(values.seed));
  const kills = Number(values.kills);
  const total = { kills: 0, acknowledged: 0, lost: 0, torn: 0 };
  // Each part gets a journal of its own: checking everything again after every kill would take ever longer.
  const killsPerPart = 20;
  try {
    while (total.kills < kills) {
      const firstRound = total.kills;
      writeFileSync(journalPath(folder), '');
      for (let part = 0; part < killsPerPart && total.kills < kills; part += 1, total.kills += 1) {
        await killOnce(folder, total.kills, random);
      }
      const store = await openStore(folder);
      const counts = await verify(store, folder, firstRound);
      await store.close();
      for (const name of ['acknowledged', 'lost', 'torn']) total[name] += counts[name];
      process.stderr.write(`${JSON.stringify(total)}\n`);
    }
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
  say(total);
  // A run in which nothing was written would prove nothing.
  process.exitCode = total.lost + total.torn > 0 || total.acknowledged === 0 ? 1 : 0;
};

if (values.write) {
  const store = await openStore(values.folder);
  await Promise.all(Array.from({ length: LANES }, (_, lane) => write(store, values.folder, lane)));
} else await proveDurability();
