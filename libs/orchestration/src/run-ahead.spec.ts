import type { Stage, StageRequested } from '@atelier/contracts';
import { SubmitGeneration } from '@atelier/generation';
import type { StageRun } from '@atelier/ports';
import { exampleGeneration, exampleRun } from '@atelier/ports/examples';
import { buildRequest, Simulation } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from './index.js';
import { runningAhead } from './run-ahead.js';

const generation = exampleGeneration();
const run = (stage: Stage, createdAt: number, overrides: Partial<StageRun> = {}) =>
  exampleRun(generation, { stage, createdAt, ...overrides });

describe('preparing work', () => {
  it('stops behind enough drawings of the same tenant, but not what is more urgent than they are', () => {
    const drawings = [1, 2, 3].map((createdAt) => run('denoising', createdAt));
    const late = run('prompt-expansion', 9);
    const urgent = run('prompt-expansion', 9, { priority: 'high' });
    const decoding = run('decoding', 9);
    const other = run('prompt-expansion', 9, { tenantId: 'ten_other' });
    const older = run('prompt-expansion', 0);
    const aged = run('prompt-expansion', -60_000, { priority: 'low' });
    const ready = [...drawings, late, older, aged, urgent, decoding, other];
    expect([...runningAhead(ready, 3).runs]).toEqual([late, older]);
    expect([...runningAhead(ready, 3).tenants]).toEqual([generation.tenantId]);
    expect(runningAhead(ready, 4).runs.size).toBe(0);
  });

  it('of a flood follows its drawing: orders do not grow with the queue, and another tenant passes by', async () => {
    const world = await new Simulation({ createControlPlane: createOrchestrator }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    const accept = (tenantId: string) => new SubmitGeneration(world).execute({ tenantId, request: buildRequest() });
    for (let job = 0; job < 100; job += 1) await accept('ten_flood');
    await world.pass(2_000);
    const expanded = () =>
      world.workers.ordersOf('prompt-expansion').filter(({ tenantId }) => tenantId === 'ten_flood');
    // Sixteen drawings that wait, two out, and what was on its way when that was seen.
    expect(expanded().length).toBeGreaterThanOrEqual(18);
    expect(expanded().length).toBeLessThanOrEqual(24);
    await accept('ten_late');
    await world.settle();
    expect(world.workers.ordersOf('prompt-expansion').at(-1)?.tenantId).toBe('ten_late');

    for (let drawn = 0; drawn < 101; drawn += 1) {
      await world.workers.complete(world.workers.ordersOf('denoising')[drawn] as StageRequested<'denoising'>);
      await world.settle();
    }
    expect(await world.store.counts()).toMatchObject({ byState: { succeeded: 101 } });
  });
});
