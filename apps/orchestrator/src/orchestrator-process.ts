import 'reflect-metadata';
import { openBlobs } from '@atelier/cluster-adapters/blobs';
import { openBus } from '@atelier/cluster-adapters/bus';
import { openEngineDescription } from '@atelier/cluster-adapters/inference';
import { openStore } from '@atelier/cluster-adapters/store';
import { openTelemetry } from '@atelier/cluster-adapters/telemetry';
import { stageTopics, type TopicName } from '@atelier/contracts';
import { createOrchestrator } from '@atelier/orchestration';
import {
  BusTransport,
  findWeights,
  NestLogger,
  observeQueue,
  requireVariables,
  type Service,
  type ServiceContext,
  type ServiceOptions,
  startService,
  startSweeper,
} from '@atelier/platform';
import { type CrashPoints, NO_CRASH_POINTS } from '@atelier/ports';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Notifications wake it for work; leases and deadlines bear a second, and an idle replica costs half of what it would. */
const TICK_MS = 1_000;
const SWEEP_INTERVAL_MS = 10 * 60_000;

/** All that orchestration decides about: what was accepted, what workers answer, and who is there. */
const OWNED: readonly TopicName[] = [
  'generation.submitted.v1',
  'generation.progressed.v1',
  ...stageTopics('completed'),
  ...stageTopics('failed'),
  'worker.reported.v1',
  'worker.draining.v1',
];

export interface OrchestratorProcessOptions {
  readonly environment: ServiceOptions['environment'];
  readonly crashPoints?: CrashPoints;
  readonly onFailure?: (error: unknown) => void;
}

export const orchestratorService = (
  crashPoints: CrashPoints = NO_CRASH_POINTS,
): Pick<ServiceOptions, 'name' | 'telemetry' | 'start'> => ({
  name: 'orchestrator',
  telemetry: openTelemetry,
  start: (context) => startOrchestrator(context, crashPoints),
});

/** Starts one replica of the control plane in this process. Any number may run; one at a time leads. */
export const startOrchestratorProcess = (options: OrchestratorProcessOptions): Promise<Service> =>
  startService({ ...options, ...orchestratorService(options.crashPoints) });

@Module({})
class OrchestratorModule {}

async function startOrchestrator(context: ServiceContext, crashPoints: CrashPoints) {
  const { clock, ids, instance, logger, closers, telemetry, onError } = context;
  const env = requireVariables(context.env, [
    'ATELIER_KAFKA_BROKERS',
    'ATELIER_DATABASE_URL',
    'ATELIER_S3_ENDPOINT',
    'ATELIER_S3_ACCESS_KEY',
    'ATELIER_S3_SECRET_KEY',
  ]);
  const engine = await openEngineDescription(await findWeights(env.ATELIER_WEIGHTS, env.ATELIER_WEIGHTS_DIR), context);
  const store = await openStore('orchestrator', env, context);
  const bus = await openBus(env, context);
  const orchestrator = createOrchestrator({
    store,
    bus,
    clock,
    ids,
    describe: () => engine.describe(),
    crashPoints,
    options: {
      instanceId: instance,
      tickMs: TICK_MS,
      onError,
      ...(env.ATELIER_DRAWINGS_PER_TENANT === undefined
        ? {}
        : { maxDrawingPerTenant: env.ATELIER_DRAWINGS_PER_TENANT }),
    },
  });
  const blobs = await openBlobs(env, context);
  const sweeper = startSweeper({
    sweep: async () => (orchestrator.isLeader() ? blobs.sweep() : 0),
    clock,
    intervalMs: SWEEP_INTERVAL_MS,
    onError,
  });
  closers.add(() => sweeper.stop());
  observeQueue({ store, clock, telemetry, isLeader: () => orchestrator.isLeader() });
  const app = await NestFactory.createMicroservice(OrchestratorModule, {
    strategy: new BusTransport({
      bus,
      clock,
      logger,
      telemetry,
      handlers: orchestrator.handlers,
      owned: OWNED,
      source: `/orchestrator/${instance}`,
    }),
    logger: new NestLogger(logger),
  });
  closers.add(() => app.close());
  await app.listen();
  await orchestrator.start();
  // Leadership is given up at once, so that another replica leads while this one closes its connections.
  return { stop: () => orchestrator.stop() };
}
