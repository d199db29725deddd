import type { StageRequested } from '@atelier/contracts';
import { CancelGeneration, SubmitGeneration } from '@atelier/generation';
import type { CrashPoint } from '@atelier/ports';
import { buildReference, buildRequest, Simulation, type SimulationOptions } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from './index.js';

const simulation = (options: Partial<SimulationOptions> = {}) =>
  new Simulation({ createControlPlane: createOrchestrator, ...options });

const accept = async (world: Simulation, request = buildRequest(), tenantId = 'ten_default'): Promise<string> =>
  (await new SubmitGeneration(world).execute({ tenantId, request })).generationId;

const stateOf = async (world: Simulation, id: string, tenantId?: string) =>
  (await world.generation(id, tenantId)).generation.state;

const REQUEST = buildRequest({ samples: 2, bestOf: 2, references: [buildReference()] });
const POINTS: CrashPoint[] = [
  'relay.before-publish',
  'relay.between-publish-and-mark',
  'relay.after-mark',
  'dispatch.before-commit',
  'dispatch.after-commit',
  'accept.before-commit',
  'accept.after-commit',
];

describe('a process that dies', () => {
  for (const point of POINTS) {
    for (const busSurvives of [true, false]) {
      it(`at ${point}, ${busSurvives ? 'beside' : 'together with'} the bus, loses no job and ends none twice`, async () => {
        for (let occurrence = 1; occurrence <= 6; occurrence += 1) {
          const world = simulation({ exclusive: !busSurvives });
          let reached = 0;
          let died = false;
          await world.addControlPlane((at) => {
            if (at !== point) return false;
            reached += 1;
            died ||= reached === occurrence;
            return reached === occurrence;
          });
          await world.workers.report();
          await world.settle();
          const ids = [await accept(world, REQUEST), await accept(world)];
          await world.pass(500);
          // Some places are passed only once or twice by so little work.
          if (!died && occurrence > 1) break;
          expect(died).toBe(true);
          if (!busSurvives) world.bus.loseAll();
          await world.addControlPlane();
          await world.pass(60_000, { stepMs: 1_000 });
          for (const id of ids) {
            expect(await stateOf(world, id)).toBe('succeeded');
            expect(await world.violations(id)).toEqual([]);
          }
        }
      });
    }
  }

  it('and owned its database alone is followed without waiting for any lease', async () => {
    const world = await simulation({ exclusive: true }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    const id = await accept(world);
    await world.settle();
    world.workers.script = () => 'complete';
    await world.stop();
    await world.addControlPlane();
    await world.workers.report();
    await world.settle();
    expect(await stateOf(world, id)).toBe('succeeded');
    expect(await world.violations(id)).toEqual([]);
  });

  it('by a run that kills it at its first breath quarantines that run at the third time, and the others go on', async () => {
    const world = simulation({ exclusive: true });
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    await world.start();
    const poison = await accept(world);
    await world.settle();
    const neighbour = await accept(world);
    await world.settle();
    for (let life = 0; life < 3; life += 1) {
      expect(await stateOf(world, poison)).toBe('running');
      await world.stop();
      world.bus.loseAll();
      await world.addControlPlane();
      await world.workers.report();
      await world.settle();
    }
    expect((await world.generation(poison)).generation).toMatchObject({
      state: 'failed',
      error: { code: 'worker_lost' },
    });
    world.workers.script = () => 'complete';
    await world.workers.complete(world.workers.ordersOf('denoising').at(-1) as StageRequested<'denoising'>);
    await world.settle();
    expect(await stateOf(world, neighbour)).toBe('succeeded');
  });

  it('after the outbox lost its message for the first runs: they are released all the same', async () => {
    const world = simulation({ bus: { deliver: ({ topic }) => topic !== 'generation.submitted.v1' } });
    // Accepted while nobody orchestrates: only the message, or somebody who looks, can start it.
    const id = await accept(world);
    await world.start();
    expect(await stateOf(world, id)).toBe('queued');
    await world.pass(6_000);
    expect(await stateOf(world, id)).toBe('succeeded');
  });
});

describe('several control planes on one store', () => {
  it('share the events and end every job once', async () => {
    const world = await simulation().start();
    await world.addControlPlane();
    await world.addControlPlane();
    await world.pass(6_000);
    const ids = await Promise.all([accept(world, REQUEST), accept(world, REQUEST), accept(world)]);
    await world.pass(2_000);
    for (const id of ids) {
      expect(await stateOf(world, id)).toBe('succeeded');
      expect(await world.violations(id)).toEqual([]);
    }
    expect(world.errors).toEqual([]);
  });

  it('go on within the leader lease when the leader dies', async () => {
    const world = simulation();
    await world.addControlPlane((point) => point === 'dispatch.before-commit');
    await world.addControlPlane();
    await world.workers.report();
    await world.settle();
    const id = await accept(world);
    await world.pass(1_000);
    expect(world.controlPlanes).toHaveLength(1);
    expect(await stateOf(world, id)).not.toBe('succeeded');
    await world.pass(6_000);
    expect(await stateOf(world, id)).toBe('succeeded');
    expect(await world.violations(id)).toEqual([]);
  });

  it.each([1, 2, 3])(
    'take a run back from a silent worker, whichever replica heard its last sign (%i steps)',
    async (steps) => {
      const world = simulation();
      world.workers.script = ({ order, execution }) =>
        order.stage === 'denoising' && execution === 1 ? 'silent' : 'complete';
      await world.start();
      await world.addControlPlane();
      await world.pass(1_000);
      const id = await accept(world);
      await world.settle();
      const [order] = world.workers.ordersOf('denoising') as [StageRequested<'denoising'>];
      for (let step = 1; step <= steps; step += 1) {
        await world.workers.progress(order, step);
        await world.settle();
      }
      await world.pass(30_000, { stepMs: 1_000 });
      expect(await stateOf(world, id)).toBe('succeeded');
      expect(await world.violations(id)).toEqual([]);
    },
  );

  it('hand leadership over at once when the leader stops in order', async () => {
    const world = await simulation().start();
    await world.addControlPlane();
    await world.stop(1);
    await world.pass(1_000);
    const id = await accept(world);
    await world.pass(1_000);
    expect(await stateOf(world, id)).toBe('succeeded');
  });
});

describe('the outbox', () => {
  it('keeps what the bus refuses, and everything goes out when the bus is back', async () => {
    const world = await simulation().start();
    const publish = world.bus.publish.bind(world.bus);
    world.bus.publish = () => Promise.reject(new Error('the broker is down'));
    const id = await accept(world);
    await world.pass(20_000, { report: false });
    expect((await world.store.readOutbox(10)).length).toBeGreaterThan(0);
    world.bus.publish = publish;
    await world.workers.report();
    await world.pass(40_000);
    expect(await stateOf(world, id)).toBe('succeeded');
    expect(await world.store.readOutbox(10)).toEqual([]);
    expect(await world.violations(id)).toEqual([]);
  });

  it('is empty soon after the last commit, and every row in it went out exactly once', async () => {
    const world = await simulation().start();
    await accept(world, REQUEST);
    await world.pass(1_000);
    expect(await world.store.readOutbox(10)).toEqual([]);
    const events = world.bus.published
      .filter(({ headers }) => headers.ce_source === '/orchestration' || headers.ce_source === '/generation')
      .map(({ topic, headers }) => `${topic} ${headers.ce_id}`);
    expect(events.filter((event, index) => events.indexOf(event) !== index)).toEqual([]);
  });
});

describe('an undisturbed job', () => {
  it('costs one commit to accept and one for each hop, and is never read back', async () => {
    const world = await simulation().start();
    const before = world.store.commits;
    let loads = 0;
    const load = world.store.load.bind(world.store);
    world.store.load = (id) => {
      loads += 1;
      return load(id);
    };
    const id = await accept(world);
    await world.settle();
    expect(await stateOf(world, id)).toBe('succeeded');
    // Release with the first order, then one for each of the four results.
    expect(world.store.commits - before).toBe(5);
    expect(loads).toBe(0);
    expect(world.store.staleCommits).toBe(0);
  });
});

describe('a control plane without work', () => {
  it('asks its store one question at each tick, and looks for runs only when something was accepted', async () => {
    const world = await simulation().start();
    await world.pass(3_000);
    const asked = new Map<string, number>();
    for (const name of [
      'isIdle',
      'readyRuns',
      'runsInState',
      'overdueGenerations',
      'tenantShares',
      'readOutbox',
    ] as const) {
      const original = world.store[name].bind(world.store) as (...parameters: unknown[]) => unknown;
      Object.assign(world.store, {
        [name]: (...parameters: unknown[]) => {
          asked.set(name, (asked.get(name) ?? 0) + 1);
          return original(...parameters);
        },
      });
    }
    await world.pass(10_000, { stepMs: 500 });
    expect(Object.fromEntries(asked)).toEqual({ isIdle: 20 });
    const id = await accept(world);
    await world.pass(1_000);
    expect(await stateOf(world, id)).toBe('succeeded');
  });
});

describe('a flood by one tenant', () => {
  it('does not keep another tenant waiting: it is served next but one', async () => {
    const world = await simulation({ workers: { script: () => 'silent' } }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    for (let job = 0; job < 40; job += 1) await accept(world, buildRequest(), 'ten_flood');
    await world.settle();
    const late = await accept(world, buildRequest(), 'ten_late');
    await world.settle();
    for (let finished = 0; finished < 4; finished += 1) {
      const order = world.workers.ordersOf('denoising')[finished] as StageRequested<'denoising'>;
      await world.workers.complete(order);
      await world.settle();
    }
    expect(await stateOf(world, late, 'ten_late')).toBe('succeeded');
  });

  it('ties no long run to a busy worker before it is needed: a newcomer goes before what had waited longer', async () => {
    const world = await simulation().start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    const long = buildRequest({ size: { widthPx: 128, heightPx: 128 }, steps: 16 });
    for (let job = 0; job < 5; job += 1) await accept(world, long, 'ten_flood');
    await world.settle();
    const predictedMs = world.workers.ordersOf('denoising')[0]?.predictedMs as number;
    expect(predictedMs).toBeGreaterThan(800);
    await world.pass(Math.round(predictedMs * 0.65));
    expect(world.workers.ordersOf('denoising')).toHaveLength(1);
    await accept(world, long, 'ten_late');
    await world.settle();
    await world.pass(Math.round(predictedMs * 0.3));
    expect(world.workers.ordersOf('denoising').map(({ tenantId }) => tenantId)).toEqual(['ten_flood', 'ten_late']);
    await world.pass(10_000);
    expect(world.workers.ordersOf('denoising')).toHaveLength(2);
  });

  it('has nothing prefetched in the first three quarters of a short run: a newcomer waits for the rest of that run alone', async () => {
    const world = await simulation().start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    const short = buildRequest({ steps: 16 });
    for (let job = 0; job < 5; job += 1) await accept(world, short, 'ten_flood');
    await world.settle();
    const predictedMs = world.workers.ordersOf('denoising')[0]?.predictedMs as number;
    expect(predictedMs).toBeLessThan(800);
    await world.pass(Math.round(predictedMs * 0.7), { stepMs: 20 });
    expect(world.workers.ordersOf('denoising')).toHaveLength(1);
    await accept(world, short, 'ten_late');
    await world.settle();
    await world.pass(Math.round(predictedMs * 0.1), { stepMs: 20 });
    expect(world.workers.ordersOf('denoising').map(({ tenantId }) => tenantId)).toEqual(['ten_flood', 'ten_late']);
  });

  it('of short runs is prefetched as late for the tenth as for the first: a run begins when the one before it ends', async () => {
    const world = await simulation({ workers: { durationMs: ({ predictedMs }) => predictedMs } }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    for (let job = 0; job < 20; job += 1) await accept(world, buildRequest({ steps: 16 }), 'ten_flood');
    await world.settle();
    const orders = () => world.workers.ordersOf('denoising');
    const predictedMs = Math.round(orders()[0]?.predictedMs as number);
    for (let drawn = 0; drawn < 10; drawn += 1) {
      expect(orders()).toHaveLength(drawn + 1);
      await world.pass(predictedMs - 20, { stepMs: 20, report: false });
      expect(orders()).toHaveLength(drawn + 2);
      await world.pass(20, { stepMs: 20, report: false });
      await world.workers.complete(orders()[drawn] as StageRequested<'denoising'>);
      await world.settle();
    }
  });

  it('takes no more workers than one tenant may have, however many are free, and goes on as its own runs end', async () => {
    const world = await simulation({ maxDrawingPerTenant: 2, workers: { denoisers: 4 } }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    for (let job = 0; job < 5; job += 1) await accept(world, buildRequest(), 'ten_flood');
    await world.pass(1_000);
    const tenants = () => world.workers.ordersOf('denoising').map(({ tenantId }) => tenantId);
    expect(tenants()).toEqual(['ten_flood', 'ten_flood']);
    await accept(world, buildRequest(), 'ten_late');
    await world.settle();
    expect(tenants()).toEqual(['ten_flood', 'ten_flood', 'ten_late']);
    await world.workers.complete(world.workers.ordersOf('denoising')[0] as StageRequested<'denoising'>);
    await world.settle();
    expect(tenants().slice(3)).toEqual(['ten_flood']);
  });

  it('shares denoising time by weight while both flood', async () => {
    // As predicted: no time passes here in which measured times could correct what was charged.
    const world = await simulation({ workers: { durationMs: ({ predictedMs }) => predictedMs } }).start();
    await world.store.createTenant({ id: 'ten_heavy', weight: 3, name: 'heavy' });
    await world.store.createTenant({ id: 'ten_light', weight: 1, name: 'light' });
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    for (let job = 0; job < 160; job += 1) {
      await accept(world, buildRequest(), 'ten_heavy');
      await accept(world, buildRequest(), 'ten_light');
    }
    await world.pass(1_000);
    const served: string[] = [];
    for (let finished = 0; finished < 140; finished += 1) {
      const order = world.workers.ordersOf('denoising')[finished] as StageRequested<'denoising'>;
      await world.workers.complete(order);
      await world.settle();
      served.push(order.tenantId);
    }
    // Before that the heavy one is made up for what both had prepared alike.
    const heavy = served.slice(60).filter((tenantId) => tenantId === 'ten_heavy').length / 80;
    expect(heavy).toBeGreaterThan(0.75 * 0.9);
    expect(heavy).toBeLessThan(0.75 * 1.1);
  });
});

describe('denoising workers', () => {
  it('get a slot of their own each, and orders only there', async () => {
    const world = await simulation({ workers: { denoisers: 3 } }).start();
    const assigned = world.bus.on('worker.assigned.v1').map(({ value }) => JSON.parse(value) as { slot: number });
    expect([...new Set(assigned.map(({ slot }) => slot))].sort()).toEqual([0, 1, 2]);
    await accept(world, buildRequest({ samples: 3 }));
    await world.settle();
    const partitions = world.bus.on('denoising.requested.v1').map(({ partition }) => partition);
    expect(partitions.sort()).toEqual([0, 1, 2]);
  });

  it('hold one run and prefetch one, never more', async () => {
    const world = await simulation({ workers: { script: () => 'complete' } }).start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    await accept(world, buildRequest({ samples: 5 }));
    await world.pass(1_000);
    expect(world.workers.ordersOf('denoising')).toHaveLength(2);
  });

  it('that were silent too long get nothing more, and work waits for one that lives', async () => {
    const world = await simulation().start();
    await world.pass(16_000, { report: false });
    const id = await accept(world);
    await world.pass(1_000, { report: false });
    expect(world.workers.received).toEqual([]);
    await world.workers.report();
    await world.pass(1_000);
    expect(await stateOf(world, id)).toBe('succeeded');
  });

  it('that drain hand their run back: it goes elsewhere and no attempt is counted', async () => {
    const world = await simulation({ workers: { denoisers: 2 } }).start();
    world.workers.script = ({ order, execution }) =>
      order.stage === 'denoising' && execution === 1 ? 'silent' : 'complete';
    const id = await accept(world);
    await world.settle();
    const [held] = world.workers.received.filter(({ order }) => order.stage === 'denoising');
    if (!held) throw new Error('nobody was ordered to denoise');
    const { runId, fence } = held.order;
    await world.workers.drain(held.workerId, 'denoising', [{ runId, fence }]);
    await world.settle();
    const run = (await world.generation(id)).runs.find(({ stage }) => stage === 'denoising');
    expect(run).toMatchObject({ state: 'completed', fence: 2, attempts: {} });
    const [, second] = world.workers.received.filter(({ order }) => order.stage === 'denoising');
    expect(second?.workerId).not.toBe(held.workerId);
  });

  it('are told by one broadcast when a job is canceled', async () => {
    const world = await simulation().start();
    world.workers.script = ({ order }) => (order.stage === 'denoising' ? 'silent' : 'complete');
    const generationId = await accept(world);
    await world.settle();
    await new CancelGeneration(world).execute({ tenantId: 'ten_default', generationId });
    await world.settle();
    expect(world.bus.on('generation.canceled.v1').map(({ key }) => key)).toEqual([generationId]);
  });
});
