import type { StageRequested } from '@atelier/contracts';
import { SubmitGeneration } from '@atelier/generation';
import { buildRequest, Simulation } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from './index.js';

/** Fewer than wait of any tenant: the queue is long to the end. */
const DRAWN = 8;
/** Prompt expansion and denoising. */
const STAGES_THAT_QUEUE = 2;
/** Of all tenants together, per stage. */
const RUNS_OF_ONE_LOOK = 64;

/** Runs that the dispatcher reads from the queue for each job that is drawn, while many wait. */
async function rowsReadPerJob(tenants: number, jobsPerTenant: number): Promise<number> {
  const world = await new Simulation({ createControlPlane: createOrchestrator }).start();
  let rowsRead = 0;
  const { store } = world;
  const readyRuns = store.readyRuns.bind(store);
  store.readyRuns = async (now, limit) => {
    const runs = await readyRuns(now, limit);
    rowsRead += runs.length;
    return runs;
  };
  world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
  for (let job = 0; job < jobsPerTenant; job += 1) {
    for (let tenant = 0; tenant < tenants; tenant += 1) {
      await new SubmitGeneration(world).execute({ tenantId: `ten_${tenant}`, request: buildRequest() });
    }
  }
  await world.pass(2_000);
  rowsRead = 0;
  for (let drawn = 0; drawn < DRAWN; drawn += 1) {
    await world.workers.complete(world.workers.ordersOf('denoising')[drawn] as StageRequested<'denoising'>);
    await world.settle();
  }
  expect(await store.counts()).toMatchObject({ byState: { succeeded: DRAWN } });
  await world.stop();
  return rowsRead / DRAWN;
}

describe('what one job costs while others wait', { timeout: 60_000 }, () => {
  it('does not grow with the length of the queue', async () => {
    const [short, long] = [await rowsReadPerJob(2, 26), await rowsReadPerJob(2, 52)];
    expect(long).toBeLessThanOrEqual(1.5 * short);
  });

  it('is a few looks of a bounded size, however many tenants wait', async () => {
    expect(await rowsReadPerJob(10, 18)).toBeLessThanOrEqual(5 * STAGES_THAT_QUEUE * RUNS_OF_ONE_LOOK);
  });
});
