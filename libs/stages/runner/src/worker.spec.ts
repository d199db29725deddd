import type { WeightsManifest } from '@atelier/contracts';
import type { TopicHandler } from '@atelier/ports';
import { FakeClock, RecordingBus } from '@atelier/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorker, type StagePolicy, type Worker, type WorkerOptions } from './index.js';

const engine = {
  manifest: { name: 'tiny' } as WeightsManifest,
  engineFingerprint: 'e',
  precision: 'fp32',
  maxPixels: 4096,
};
const blob = { key: 'a', bytes: 1, sha256: 'f'.repeat(64), contentType: 'application/x-safetensors' };

/** A denoising worker whose run ends when `finish` is called or it is stopped. */
function denoisingWorker(options: Pick<WorkerOptions, 'openSlot'> = {}) {
  const clock = new FakeClock();
  const bus = new RecordingBus();
  let finish: () => void = () => undefined;
  const policy: StagePolicy<'denoising'> = {
    stage: 'denoising',
    execute: (_, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        finish = () => resolve({ sampleIndex: 0, candidateIndex: 0, latents: blob, stepsRun: 4, resumedFromStep: 0 });
      }),
  };
  const worker = createWorker({
    policies: [policy],
    bus,
    clock,
    engine,
    processId: 'p1',
    ids: { executionId: () => 'x1' },
    cacheDigests: () => ['d1'],
    ...options,
  });
  return { worker, bus, clock, finish: () => finish() };
}

const order = {
  schemaVersion: 1,
  tenantId: 'ten_default',
  generationId: 'gen_01kb0000000000000000000001',
  runId: 'run_01kb0000000000000000000002',
  stage: 'denoising',
  fence: 3,
  weights: { name: 'tiny', fingerprint: 'f', profile: 'v4' },
  predictedMs: 100,
  leaseMs: 15_000,
  blobPrefix: 'p',
  input: {},
};

function deliver(worker: Worker, topic: string, value: object): Promise<void> {
  const handler = worker.handlers.find((candidate) => candidate.topic === topic) as TopicHandler;
  const message = { topic, partition: 0, offset: '0', key: null, value: '', headers: {}, attempt: 1 };
  return handler.handle(value as never, { signal: new AbortController().signal, message });
}

const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(0);
});

describe('a worker', () => {
  it('has one handler per topic: its orders, the cancellations, the assignments', () => {
    expect(denoisingWorker().worker.handlers.map(({ topic }) => topic)).toEqual([
      'denoising.requested.v1',
      'generation.canceled.v1',
      'worker.assigned.v1',
    ]);
  });

  it('reports itself at start, regularly, and when its load changed', async () => {
    const { worker, bus, clock, finish } = denoisingWorker();
    workers.push(worker);
    await worker.start();
    expect(bus.on('worker.reported.v1')).toMatchObject([
      { workerId: 'denoising-p1', stage: 'denoising', slot: null, capacity: 2, inFlight: 0, cacheDigests: ['d1'] },
    ]);
    await clock.advance(5_000);
    expect(bus.on('worker.reported.v1')).toHaveLength(2);
    const run = deliver(worker, 'denoising.requested.v1', order);
    await clock.advance(200);
    expect(bus.on('worker.reported.v1').map(({ inFlight }) => inFlight)).toEqual([0, 0, 1]);
    finish();
    await run;
  });

  it('does not report a load that has already gone', async () => {
    const { worker, bus, clock, finish } = denoisingWorker();
    workers.push(worker);
    await worker.start();
    const run = deliver(worker, 'denoising.requested.v1', order);
    finish();
    await run;
    await clock.advance(1_000);
    expect(bus.on('worker.reported.v1')).toHaveLength(1);
  });

  it('confirms the slot it was assigned, and ignores the assignment of another worker', async () => {
    const { worker, bus } = denoisingWorker();
    workers.push(worker);
    const assignment = { schemaVersion: 1, stage: 'denoising', slot: 5, leaseUntil: 1 };
    await deliver(worker, 'worker.assigned.v1', { ...assignment, workerId: 'denoising-other' });
    await deliver(worker, 'worker.assigned.v1', { ...assignment, workerId: 'denoising-p1' });
    expect(bus.on('worker.reported.v1').map(({ slot }) => slot)).toEqual([5]);
  });

  it('that is directed reads orders from its slot alone, and reports the slot only once it reads it', async () => {
    const readers: string[] = [];
    const { worker, bus } = denoisingWorker({
      openSlot: async ({ topic }, { slot }) => {
        readers.push(`${topic} ${slot}, slot reported: ${bus.on('worker.reported.v1').at(-1)?.slot ?? 'none'}`);
        return { close: async () => void readers.push(`closed ${slot}`) };
      },
    });
    workers.push(worker);
    expect(worker.handlers.map(({ topic }) => topic)).toEqual(['generation.canceled.v1', 'worker.assigned.v1']);
    const assign = (slot: number, workerId = 'denoising-p1') =>
      deliver(worker, 'worker.assigned.v1', { schemaVersion: 1, stage: 'denoising', slot, leaseUntil: 1, workerId });
    await assign(5);
    await assign(5);
    await assign(7);
    expect(readers).toEqual([
      'denoising.requested.v1 5, slot reported: none',
      'denoising.requested.v1 7, slot reported: 5',
      'closed 5',
    ]);
    expect(worker.slot()).toBe(7);
  });

  it('that was silent while its slot went to another worker leaves the slot and says so', async () => {
    const closed: number[] = [];
    const openSlot = async (_: TopicHandler, { slot }: { slot: number }) => ({
      close: async () => void closed.push(slot),
    });
    const { worker, bus } = denoisingWorker({ openSlot });
    workers.push(worker);
    const assignment = { schemaVersion: 1, stage: 'denoising', slot: 5, leaseUntil: 1 };
    await deliver(worker, 'worker.assigned.v1', { ...assignment, workerId: 'denoising-p1' });
    await deliver(worker, 'worker.assigned.v1', { ...assignment, workerId: 'denoising-other' });
    expect(closed).toEqual([5]);
    expect(worker.slot()).toBeNull();
    expect(bus.on('worker.reported.v1').map(({ slot }) => slot)).toEqual([5, null]);
  });

  it('that stops finishes what ends in time and publishes it', async () => {
    const { worker, bus, finish } = denoisingWorker();
    await worker.start();
    const run = deliver(worker, 'denoising.requested.v1', order);
    const stopped = worker.stop(1_000);
    finish();
    await Promise.all([run, stopped]);
    expect(bus.topics.slice(1)).toEqual(['worker.draining.v1', 'denoising.completed.v1']);
  });

  it('that stops hands back what does not end in time, and what still arrives', async () => {
    const { worker, bus, clock } = denoisingWorker();
    await worker.start();
    const run = deliver(worker, 'denoising.requested.v1', order);
    const stopped = worker.stop(1_000);
    await deliver(worker, 'denoising.requested.v1', { ...order, runId: 'run_01kb0000000000000000000009' });
    await clock.advance(1_000);
    await Promise.all([run, stopped]);
    expect(bus.on('worker.draining.v1').map(({ handedBack }) => handedBack)).toEqual([
      [],
      [{ runId: 'run_01kb0000000000000000000009', fence: 3 }],
      [{ runId: order.runId, fence: 3 }],
    ]);
    expect(clock.sleeping).toBe(0);
  });
});
