import 'reflect-metadata';
import { MemoryBus } from '@atelier/bus-memory';
import { parseMessage, toMessage, type WorkerDraining } from '@atelier/contracts';
import { BusTransport, createLogger, systemClock } from '@atelier/platform';
import { createWorker, type OpenSlot, type StagePolicy } from '@atelier/stage-runner';
import { buildEngine } from '@atelier/testing';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it, vi } from 'vitest';

@Module({})
class NoModule {}

const SLOT = 3;
const orderOf = (runId: string) => ({
  schemaVersion: 1 as const,
  tenantId: 'ten_default',
  generationId: 'gen_01kb0000000000000000000001',
  runId,
  stage: 'denoising' as const,
  fence: 1,
  weights: { name: 'tiny', fingerprint: 'f', profile: 'v4' },
  predictedMs: 100,
  leaseMs: 15_000,
  blobPrefix: 'p',
  input: {
    task: 't2i',
    sampleIndex: 0,
    candidateIndex: 0,
    plans: [{ caption: 'red apple', layout: [] }],
    references: [],
    size: { widthPx: 64, heightPx: 64 },
    seed: 1,
    steps: 4,
    guidance: 1,
    precision: 'auto',
  },
});

it('a worker that drains hands back what runs too long and what it had prefetched, before the bus is closed', async () => {
  const bus = new MemoryBus({ clock: systemClock });
  const handedBack: string[] = [];
  await bus.subscribe({ topic: 'worker.draining.v1', group: 'spec', delivery: 'broadcast' }, async ({ value }) => {
    const draining: WorkerDraining = parseMessage('worker.draining.v1', value);
    handedBack.push(...draining.handedBack.map(({ runId }) => runId));
  });
  let started = 0;
  const endless: StagePolicy<'denoising'> = {
    stage: 'denoising',
    execute: (_, { signal }) => {
      started += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  };
  const openSlot: OpenSlot = (handler, { slot }) => transport.bindLate(handler, { partitions: [slot] });
  const worker = createWorker({
    bus,
    clock: systemClock,
    ids: { executionId: () => 'x1' },
    engine: buildEngine(),
    processId: 'p1',
    policies: [endless],
    openSlot,
  });
  const transport: BusTransport = new BusTransport({
    bus,
    clock: systemClock,
    logger: createLogger({ level: 'silent', name: 'spec' }),
    handlers: worker.handlers,
    owned: ['denoising.requested.v1', 'generation.canceled.v1', 'worker.assigned.v1'],
    boundLate: ['denoising.requested.v1'],
    source: '/workers/denoising/p1',
  });
  const app = await NestFactory.createMicroservice(NoModule, { strategy: transport, logger: false });
  await app.listen();
  await worker.start();
  const attributes = { source: '/spec', time: 0 };
  const assignment = { schemaVersion: 1 as const, workerId: 'denoising-p1', stage: 'denoising' as const, slot: SLOT };
  await bus.publish([
    toMessage('worker.assigned.v1', 'denoising-p1', { ...assignment, leaseUntil: 1 }, { ...attributes, id: 'a' }),
  ]);
  await vi.waitFor(() => expect(worker.slot()).toBe(SLOT));
  const runs = ['run_01kb0000000000000000000002', 'run_01kb0000000000000000000003'];
  await bus.publish(
    runs.map((runId) =>
      toMessage('denoising.requested.v1', 'gen_01kb0000000000000000000001', orderOf(runId), {
        ...attributes,
        id: runId,
        partition: SLOT,
      }),
    ),
  );
  await vi.waitFor(() => expect(started).toBe(1));
  // In the order of a service's end: the worker drains, then the transport closes, then the bus.
  await worker.stop(0);
  await app.close();
  await vi.waitFor(() => expect(handedBack).toEqual(runs));
  expect(started).toBe(1);
  await bus.close(0);
});
