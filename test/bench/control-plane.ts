// What the control plane adds to a picture: accept -> image minus the stages' own time, one job after the other.
import { findWeights } from '@atelier/embedded';
import type { GenerationStore } from '@atelier/ports';
import { correctnessGate, withPlatform } from './report/bench-platform.ts';
import { percentile, publish, rounded } from './report/result-file.ts';

const JOBS = 200;
const WARM_UP = 20;
const BODY = { prompt: 'a red apple', steps: 4, response_format: 'url' } as const;

/** Every call of these is one transaction of the database. */
const WRITES = ['submit', 'commit', 'markPublished'] as const satisfies readonly (keyof GenerationStore)[];

function countWrites(store: GenerationStore): { count: number } {
  const counter = { count: 0 };
  for (const name of WRITES) {
    const original = store[name].bind(store) as (...parameters: unknown[]) => unknown;
    Object.assign(store, {
      [name]: (...parameters: unknown[]) => {
        counter.count += 1;
        return original(...parameters);
      },
    });
  }
  return counter;
}

await withPlatform(await findWeights('tiny'), async (platform, client) => {
  await correctnessGate(client, { ...BODY, seed: 7 });
  for (let seed = 0; seed < WARM_UP; seed += 1) await client.drawImages({ ...BODY, seed });
  const writes = countWrites(platform.store);
  const overheadsMs: number[] = [];
  for (let seed = 0; seed < JOBS; seed += 1) {
    // As a client sees it: from sending the request to holding the answer that names the picture.
    const startedMs = performance.now();
    const { job } = await client.drawImages({ ...BODY, seed: 1_000 + seed });
    const elapsedMs = performance.now() - startedMs;
    const { status, timings } = await client.getJob(job);
    if (status !== 'succeeded') throw new Error(`job ${job} is ${status}`);
    overheadsMs.push(elapsedMs - timings.compute_ms);
  }
  publish('control-plane', {
    jobs: JOBS,
    overhead_ms_p50: rounded(percentile(overheadsMs, 0.5)),
    overhead_ms_p99: rounded(percentile(overheadsMs, 0.99)),
    transactions_per_job: rounded(writes.count / JOBS),
    weights: 'tiny',
  });
});
