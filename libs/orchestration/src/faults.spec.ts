import { type Stage, type StageError, type StageInput, type StageRequested } from '@atelier/contracts';
import { CancelGeneration, SubmitGeneration } from '@atelier/generation';
import {
  buildReference,
  buildRequest,
  type ReceivedOrder,
  resultOf,
  type Script,
  Simulation,
  type SimulationOptions,
} from '@atelier/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from './index.js';

const STORYBOARD = buildRequest({
  task: 'storyboard',
  samples: 2,
  outputs: 3,
  bestOf: 2,
  references: [buildReference(), buildReference({ role: 'style' })],
});

const simulate = (options: Partial<SimulationOptions> = {}) =>
  new Simulation({ createControlPlane: createOrchestrator, ...options }).start();

async function accept(simulation: Simulation, request = buildRequest(), tenantId = 'ten_default'): Promise<string> {
  return (await new SubmitGeneration(simulation).execute({ tenantId, request })).generationId;
}

async function submit(simulation: Simulation, request = buildRequest(), tenantId?: string): Promise<string> {
  const id = await accept(simulation, request, tenantId);
  await simulation.settle();
  return id;
}

const cancel = (simulation: Simulation, generationId: string) =>
  new CancelGeneration(simulation).execute({ tenantId: 'ten_default', generationId });

const failure = (errorClass: StageError['class'], code = 'generation_failed'): { error: StageError } => ({
  error: { class: errorClass, code, message: 'It did not work.', detail: 'for operators' },
});

const only =
  (stage: Stage, script: Script): Script =>
  (received) =>
    received.order.stage === stage ? script(received) : 'complete';

const stateOf = async (simulation: Simulation, id: string) => (await simulation.generation(id)).generation.state;

const sampleOf = ({ order }: ReceivedOrder) => (order.input as StageInput<'denoising'>).sampleIndex;

describe('partial failure', () => {
  it('of one sample leaves the other: the generation succeeds and tells which one failed and why', async () => {
    const script = only('denoising', (received) => (sampleOf(received) === 1 ? failure('invalid') : 'complete'));
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation, STORYBOARD);
    const { generation } = await simulation.generation(id);
    expect(generation.state).toBe('succeeded');
    expect(generation.samples.map((sample) => sample.state)).toEqual(['succeeded', 'failed']);
    expect(generation.samples[1]?.error).toMatchObject({ class: 'invalid', code: 'generation_failed' });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('of one output loses its candidate only: the other candidate becomes the sample', async () => {
    const script = only('decoding', ({ order }) => {
      const { sampleIndex, candidateIndex, outputIndex } = order.input as StageInput<'decoding'>;
      return sampleIndex === 0 && candidateIndex === 0 && outputIndex === 1 ? failure('invalid') : 'complete';
    });
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation, STORYBOARD);
    const { generation } = await simulation.generation(id);
    expect(generation.samples[0]).toMatchObject({ state: 'succeeded', chosenCandidate: 1 });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('of the scoring keeps the picture: it could not be judged, but it was drawn', async () => {
    const simulation = await simulate({ workers: { script: only('scoring', () => failure('invalid')) } });
    const id = await submit(simulation);
    expect((await simulation.generation(id)).generation.samples[0]).toMatchObject({
      state: 'succeeded',
      chosenCandidate: 0,
    });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('of every sample fails the generation with the error of the first', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => failure('invalid')) } });
    const id = await submit(simulation, STORYBOARD);
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'failed',
      error: { code: 'generation_failed' },
    });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('of a reference fails all samples and stops what is still running', async () => {
    const script: Script = ({ order }) =>
      order.stage === 'prompt-expansion' ? 'silent' : failure('invalid', 'invalid_image');
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation, STORYBOARD);
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'rejected',
      error: { code: 'invalid_image' },
    });
    expect(simulation.bus.on('generation.canceled.v1')).toHaveLength(1);
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('detail for operators never enters the public log', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => failure('invalid')) } });
    const id = await submit(simulation);
    expect(JSON.stringify(await simulation.log(id))).not.toContain('for operators');
  });

  it('a result for the wrong place is refused like a failure, not stored', async () => {
    const script = only('denoising', ({ order }) => ({ result: { ...resultOf(order), sampleIndex: 5 } }));
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation);
    expect(await stateOf(simulation, id)).toBe('failed');
    expect(await simulation.violations(id)).toEqual([]);
  });
});

describe('retries', () => {
  it('a transient failure is tried again after a growing delay, five times, then fails', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => failure('transient')) } });
    const id = await submit(simulation);
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
    await simulation.pass(20_000);
    expect(simulation.workers.ordersOf('denoising').map(({ fence }) => fence)).toEqual([1, 2, 3, 4, 5, 6]);
    const delays = (await simulation.log(id))
      .filter(({ type }) => type === 'stage.retrying')
      .map(({ data }) => data.delayMs as number);
    for (const [index, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(100 * 2 ** index);
      expect(delay).toBeLessThanOrEqual(200 * 2 ** index);
    }
    expect(await stateOf(simulation, id)).toBe('failed');
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('a failure that goes away leaves a picture and no error', async () => {
    const script = only('denoising', ({ execution }) => (execution < 3 ? failure('transient') : 'complete'));
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation);
    await simulation.pass(3_000);
    expect((await simulation.generation(id)).generation).toMatchObject({ state: 'succeeded', error: null });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('out of memory is tried once more with a small plan, on a worker that holds nothing else', async () => {
    const script = only('denoising', ({ execution, order }) =>
      execution === 1
        ? failure('out-of-memory', 'out_of_memory')
        : order.memoryPlan === 'small'
          ? 'silent'
          : 'complete',
    );
    const simulation = await simulate({ workers: { script } });
    const first = await submit(simulation);
    await simulation.pass(1_000);
    expect(simulation.workers.ordersOf('denoising').map(({ memoryPlan }) => memoryPlan)).toEqual([undefined, 'small']);
    // Its worker could prefetch another run, and does not.
    await submit(simulation);
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(2);
    const small = simulation.workers.ordersOf('denoising')[1] as StageRequested<'denoising'>;
    await simulation.workers.complete(small);
    await simulation.settle();
    expect(await stateOf(simulation, first)).toBe('succeeded');
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(3);
  });

  it('out of memory twice is final', async () => {
    const simulation = await simulate({
      workers: { script: only('denoising', () => failure('out-of-memory', 'out_of_memory')) },
    });
    const id = await submit(simulation);
    await simulation.pass(2_000);
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'failed',
      error: { class: 'out-of-memory', code: 'out_of_memory' },
    });
  });

  it('an invalid or expired run is never tried again', async () => {
    for (const errorClass of ['invalid', 'expired'] as const) {
      const simulation = await simulate({ workers: { script: only('denoising', () => failure(errorClass)) } });
      const id = await submit(simulation);
      await simulation.pass(2_000);
      expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
      expect(await stateOf(simulation, id)).toBe('failed');
    }
  });
});

describe('a worker that falls silent', () => {
  it('loses its run when the lease ends, and the run goes to another worker', async () => {
    const script = only('denoising', ({ execution }) => (execution === 1 ? 'silent' : 'complete'));
    const simulation = await simulate({ workers: { script, denoisers: 2 } });
    const id = await submit(simulation);
    const [first] = simulation.workers.received.filter(({ order }) => order.stage === 'denoising');
    await simulation.workers.progress(first?.order as StageRequested<Stage>, 0);
    await simulation.settle();
    await simulation.pass(14_000);
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
    await simulation.pass(2_000);
    const [, second] = simulation.workers.received.filter(({ order }) => order.stage === 'denoising');
    expect(second?.workerId).not.toBe(first?.workerId);
    expect(await stateOf(simulation, id)).toBe('succeeded');
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('and comes back as a zombie changes nothing: its answer is stale, one result is visible', async () => {
    const script = only('denoising', () => 'silent');
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation);
    const [zombie] = simulation.workers.ordersOf('denoising');
    await simulation.pass(20_000);
    const second = simulation.workers.ordersOf('denoising')[1] as StageRequested<'denoising'>;
    expect(second.fence).toBe(2);
    await simulation.workers.complete(zombie as StageRequested<Stage>, { ...resultOf(zombie as never), stepsRun: 99 });
    await simulation.settle();
    expect((await simulation.generation(id)).runs.find((run) => run.stage === 'denoising')?.state).toBe('dispatched');
    await simulation.workers.complete(second);
    await simulation.settle();
    await simulation.workers.complete(zombie as StageRequested<Stage>);
    await simulation.settle();
    const run = (await simulation.generation(id)).runs.find((one) => one.stage === 'denoising');
    expect(run).toMatchObject({ state: 'completed', fence: 2, result: { stepsRun: 4 } });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('and lost its run, but answers before the run was ordered again, has not worked for nothing', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const id = await submit(simulation);
    const [order] = simulation.workers.ordersOf('denoising') as [StageRequested<Stage>];
    // Nobody reports: there is no worker to order it from.
    await simulation.pass(40_000, { stepMs: 1_000, report: false });
    const denoising = async () => (await simulation.generation(id)).runs.find(({ stage }) => stage === 'denoising');
    expect(await denoising()).toMatchObject({ state: 'ready', fence: 1 });
    await simulation.workers.complete(order);
    await simulation.settle();
    expect(await denoising()).toMatchObject({ state: 'completed', fence: 1, error: null });
    await simulation.workers.report();
    await simulation.pass(1_000);
    expect(await stateOf(simulation, id)).toBe('succeeded');
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('but speaks after each step keeps its run, however long it takes', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const id = await submit(simulation, buildRequest({ steps: 16 }));
    const [order] = simulation.workers.ordersOf('denoising');
    for (let step = 0; step <= 15; step += 1) {
      await simulation.workers.progress(order as StageRequested<Stage>, step);
      await simulation.pass(14_000, { stepMs: 2_000 });
    }
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
    await simulation.workers.complete(order as StageRequested<Stage>);
    await simulation.settle();
    expect(await stateOf(simulation, id)).toBe('succeeded');
  });

  it('while it repeats the same step loses its run: that is no progress', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    await submit(simulation);
    const [order] = simulation.workers.ordersOf('denoising');
    for (let second = 0; second < 18; second += 1) {
      await simulation.workers.progress(order as StageRequested<Stage>, 1);
      await simulation.pass(1_000, { stepMs: 500 });
    }
    expect(simulation.workers.ordersOf('denoising').length).toBeGreaterThan(1);
  });

  it('twice, on different workers, while it executes the run: the run is taken for the cause and quarantined', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent'), denoisers: 4 } });
    const id = await submit(simulation);
    for (let execution = 0; execution < 2; execution += 1) {
      const orders = simulation.workers.ordersOf('denoising');
      expect(orders).toHaveLength(execution + 1);
      await simulation.workers.progress(orders.at(-1) as StageRequested<Stage>, 0);
      await simulation.settle();
      await simulation.pass(17_000, { stepMs: 500 });
    }
    const workers = simulation.workers.received
      .filter(({ order }) => order.stage === 'denoising')
      .map(({ workerId }) => workerId);
    expect(new Set(workers).size).toBe(2);
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'failed',
      error: { class: 'worker-lost', code: 'worker_lost' },
    });
    expect((await simulation.log(id)).find(({ type }) => type === 'stage.failed')?.data.quarantined).toBe(true);
  });

  it('three times, where it is the only one: then the run is taken for the cause', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const id = await submit(simulation);
    for (let execution = 1; execution <= 3; execution += 1) {
      const orders = simulation.workers.ordersOf('denoising');
      expect(orders).toHaveLength(execution);
      await simulation.workers.progress(orders.at(-1) as StageRequested<Stage>, 0);
      await simulation.settle();
      await simulation.pass(17_000, { stepMs: 500 });
    }
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'failed',
      error: { class: 'worker-lost', code: 'worker_lost' },
    });
  });

  it('before it began does not count against the run', async () => {
    const script = only('denoising', ({ execution }) => (execution < 5 ? 'silent' : 'complete'));
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation);
    await simulation.pass(100_000, { stepMs: 1_000 });
    expect(await stateOf(simulation, id)).toBe('succeeded');
  });

  it('after a checkpoint costs only the steps since: the next execution continues there', async () => {
    const script = only('denoising', ({ execution }) => (execution === 1 ? 'silent' : 'complete'));
    const simulation = await simulate({ workers: { script } });
    await submit(simulation);
    const [first] = simulation.workers.ordersOf('denoising');
    const blob = { key: 'ten_default/checkpoint-3', bytes: 1, sha256: 'd'.repeat(64), contentType: 'x' };
    const checkpoint = { checkpoint: { step: 3, checkpoint: blob } };
    await simulation.workers.progress(first as StageRequested<Stage>, 3, checkpoint);
    await simulation.pass(16_000);
    const [, second] = simulation.workers.ordersOf('denoising');
    expect(second?.input.resume).toEqual({ step: 3, checkpoint: blob });
    expect(second?.blobPrefix).toMatch(/-2$/);
  });
});

describe('clocks', () => {
  it('that jump an hour forward end no lease early', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    await submit(simulation);
    simulation.clock.jump(3_600_000);
    await simulation.pass(10_000);
    expect(simulation.workers.ordersOf('denoising')).toHaveLength(1);
  });

  it('that jump an hour forward reject no job before its deadline', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const id = await submit(simulation, buildRequest({ deadlineAt: simulation.clock.now() + 60_000 }));
    simulation.clock.jump(3_600_000);
    await simulation.pass(10_000);
    expect(await stateOf(simulation, id)).toBe('running');
  });

  it('that are set an hour back keep no new job waiting', async () => {
    const simulation = await simulate();
    simulation.clock.jump(-3_600_000);
    const id = await submit(simulation);
    expect(await stateOf(simulation, id)).toBe('succeeded');
  });
});

describe('a deadline', () => {
  it('that passes before anything started rejects the job', async () => {
    const simulation = new Simulation({ createControlPlane: createOrchestrator });
    await simulation.addControlPlane();
    const id = await submit(simulation, buildRequest({ deadlineAt: simulation.clock.now() + 5_000 }));
    await simulation.pass(6_000, { report: false });
    expect((await simulation.generation(id)).generation).toMatchObject({
      state: 'rejected',
      error: { code: 'deadline_exceeded' },
    });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('that passes in between keeps the samples that were done', async () => {
    const script = only('denoising', (received) => (sampleOf(received) === 1 ? 'silent' : 'complete'));
    const simulation = await simulate({ workers: { script } });
    const id = await submit(simulation, buildRequest({ samples: 2, deadlineAt: simulation.clock.now() + 5_000 }));
    await simulation.pass(6_000);
    const { generation } = await simulation.generation(id);
    expect(generation.state).toBe('succeeded');
    expect(generation.samples.map((sample) => [sample.state, sample.error?.code])).toEqual([
      ['succeeded', undefined],
      ['failed', 'deadline_exceeded'],
    ]);
    expect(await simulation.violations(id)).toEqual([]);
  });
});

describe('cancel', () => {
  it('ends the generation at once, and what a worker still delivers stays invisible', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const id = await submit(simulation);
    expect(await cancel(simulation, id)).toEqual({ outcome: 'canceled', state: 'canceled' });
    const [order] = simulation.workers.ordersOf('denoising');
    await simulation.workers.complete(order as StageRequested<Stage>);
    await simulation.settle();
    const { generation, runs } = await simulation.generation(id);
    expect(generation.state).toBe('canceled');
    expect(runs.find((run) => run.stage === 'denoising')).toMatchObject({ state: 'canceled', result: null, fence: 2 });
    expect(simulation.bus.on('generation.canceled.v1')).toHaveLength(1);
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('again says that it was canceled, and of a finished job that it had finished', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const canceled = await submit(simulation);
    await cancel(simulation, canceled);
    expect(await cancel(simulation, canceled)).toMatchObject({ outcome: 'already-canceled' });
    simulation.workers.script = () => 'complete';
    const finished = await submit(simulation);
    expect(await cancel(simulation, finished)).toEqual({ outcome: 'already-finished', state: 'succeeded' });
  });

  it('frees the places of its runs for others within a tick', async () => {
    const simulation = await simulate({ workers: { script: only('denoising', () => 'silent') } });
    const blocking = [await submit(simulation), await submit(simulation)];
    simulation.workers.script = () => 'complete';
    const waiting = await submit(simulation);
    expect(await stateOf(simulation, waiting)).toBe('running');
    for (const id of blocking) await cancel(simulation, id);
    await simulation.pass(1_000);
    expect(await stateOf(simulation, waiting)).toBe('succeeded');
  });

  it('at any moment leaves one end: canceled, or succeeded if it came too late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), async (deliveries) => {
        const simulation = await simulate();
        const id = await accept(simulation, buildRequest({ samples: 2 }));
        await simulation.bus.deliver(deliveries);
        const { outcome } = await cancel(simulation, id);
        await simulation.settle();
        expect(await stateOf(simulation, id)).toBe(outcome === 'already-finished' ? 'succeeded' : 'canceled');
        expect(await simulation.violations(id)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('messages that come three times and in any order', () => {
  it('lead to the same pictures, one charge for each and one end', async () => {
    const undisturbed = await simulate();
    const expected = await summary(undisturbed, await submit(undisturbed, STORYBOARD));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1 }), async (seed) => {
        const simulation = await simulate({ bus: { copies: 3, random: randomFrom(seed) } });
        const id = await submit(simulation, STORYBOARD);
        await simulation.pass(1_000);
        expect(await summary(simulation, id)).toEqual(expected);
        expect(await simulation.violations(id)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('and fail at random still end every generation exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1 }), async (seed) => {
        const random = randomFrom(seed);
        const script: Script = () => {
          const roll = random();
          if (roll < 0.05) return failure('invalid');
          if (roll < 0.2) return failure('transient');
          if (roll < 0.25) return failure('out-of-memory');
          return roll < 0.3 ? 'silent' : 'complete';
        };
        const simulation = await simulate({ bus: { copies: 2, random }, workers: { script, denoisers: 2 } });
        const ids = [await submit(simulation, STORYBOARD), await submit(simulation, buildRequest({ samples: 3 }))];
        if (random() < 0.5) await cancel(simulation, ids[0] as string);
        simulation.bus.options = { ...simulation.bus.options, copies: 1 };
        await simulation.pass(300_000, { stepMs: 2_500 });
        for (const id of ids) expect(await simulation.violations(id)).toEqual([]);
        expect(simulation.errors).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

/** What a caller sees of a finished generation, without the order in which it came about. */
async function summary(simulation: Simulation, id: string) {
  const { generation, runs } = await simulation.generation(id);
  const charges = await simulation.store.charges(id);
  return {
    state: generation.state,
    samples: generation.samples,
    stages: runs.map((run) => `${run.stage} ${run.state}`).sort(),
    charges: charges.map(({ sampleIndex, computeMs }) => [sampleIndex, computeMs]).sort(),
  };
}

/** xorshift32: a reproducible order from one number. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
