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
const TENANTS = 10;

interface RowsRead {
  readonly perJob: number;
  /** Of the largest look. */
  readonly perLook: number;
}

/** Runs that the dispatcher reads from the queue while jobs are drawn and many wait. */
async function rowsRead(tenants: number, jobsPerTenant: number): Promise<RowsRead> {
  const world = await new Simulation({ createControlPlane: createOrchestrator }).start();
  let looks: number[] = [];
  const { store } = world;
  const readyRuns = store.readyRuns.bind(store);
  store.readyRuns = async (now, limit) => {
    const runs = await readyRuns(now, limit);
    looks.push(runs.length);
    return runs;
  };
  world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
  for (let job = 0; job < jobsPerTenant; job += 1) {
    for (let tenant = 0; tenant < tenants; tenant += 1) {
      await new SubmitGeneration(world).execute({ tenantId: `ten_${tenant}`, request: buildRequest() });
    }
  }
  await world.pass(2_000);
  looks = [];
  for (let drawn = 0; drawn < DRAWN; drawn += 1) {
    await world.workers.complete(world.workers.ordersOf('denoising')[drawn] as StageRequested<'denoising'>);
    await world.settle();
  }
  expect(await store.counts()).toMatchObject({ byState: { succeeded: DRAWN } });
  await world.stop();
  return { perJob: looks.reduce((sum, rows) => sum + rows, 0) / DRAWN, perLook: Math.max(...looks) };
}

describe('what one job costs while others wait', { timeout: 60_000 }, () => {
  it('does not grow with the length of the queue', async () => {
    const [short, long] = [await rowsRead(2, 26), await rowsRead(2, 52)];
    expect(long.perJob).toBeLessThanOrEqual(1.5 * short.perJob);
  });

  it('is a few looks of a bounded size, however many tenants wait', async () => {
    const { perLook, perJob } = await rowsRead(TENANTS, 18);
    // The share of each tenant is rounded up.
    expect(perLook).toBeLessThanOrEqual(STAGES_THAT_QUEUE * (RUNS_OF_ONE_LOOK + TENANTS));
    expect(perJob).toBeLessThanOrEqual(5 * perLook);
  });
});
