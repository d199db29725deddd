import 'reflect-metadata';
import { openBlobs } from '@atelier/cluster-adapters/blobs';
import { openBus } from '@atelier/cluster-adapters/bus';
import { openCache } from '@atelier/cluster-adapters/cache';
import { openInference } from '@atelier/cluster-adapters/inference';
import { openTelemetry } from '@atelier/cluster-adapters/telemetry';
import { type Stage, stageTopic, type TopicName } from '@atelier/contracts';
import {
  BusTransport,
  findWeights,
  NestLogger,
  requireVariables,
  type Service,
  type ServiceContext,
  type ServiceOptions,
  startService,
  tracedInference,
} from '@atelier/platform';
import {
  type BlobStore,
  type Clock,
  type CrashPoints,
  type Inference,
  NO_CRASH_POINTS,
  type ReferenceCache,
} from '@atelier/ports';
import { type AnyStagePolicy, createWorker, type OpenSlot } from '@atelier/stage-runner';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const HOUR_MS = 3_600_000;
/** What every worker process reads beside the orders of its stage. */
const BROADCASTS: readonly TopicName[] = ['generation.canceled.v1'];

/** What a stage is made of in a process of its own. */
export interface StageParts {
  readonly inference: Inference;
  readonly blobs: BlobStore;
  readonly cache: ReferenceCache;
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  /** Folder of the weights, for what lies beside the graphs. */
  readonly weightsDir: string;
  /** How long finished pictures are kept. */
  readonly resultTtlMs: number;
}

/** One of the five programs. */
export interface StageProgram {
  readonly stage: Stage;
  /** False where only the description of the weights is read: whatever engine is configured, none is started. */
  readonly computes: boolean;
  policy(parts: StageParts): AnyStagePolicy | Promise<AnyStagePolicy>;
  /** Loads what the first order would otherwise wait for; the process is cold until it resolves. */
  warmUp(inference: Inference): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly environment: ServiceOptions['environment'];
  readonly crashPoints?: CrashPoints;
  readonly onFailure?: (error: unknown) => void;
}

export const workerService = (
  program: StageProgram,
  crashPoints: CrashPoints = NO_CRASH_POINTS,
): Pick<ServiceOptions, 'name' | 'telemetry' | 'start'> => ({
  name: `${program.stage}-worker`,
  telemetry: openTelemetry,
  start: (context) => startWorker(program, context, crashPoints),
});

/** Starts the worker of one stage in this process. It needs the bus, the blobs, the cache and the weights: no database. */
export const startWorkerProcess = (program: StageProgram, options: WorkerProcessOptions): Promise<Service> =>
  startService({ ...options, ...workerService(program, options.crashPoints) });

@Module({})
class WorkerModule {}

async function startWorker(program: StageProgram, context: ServiceContext, crashPoints: CrashPoints) {
  const { clock, ids, instance, logger, readiness, closers, telemetry, onError } = context;
  const env = requireVariables(context.env, [
    'ATELIER_KAFKA_BROKERS',
    'ATELIER_S3_ENDPOINT',
    'ATELIER_S3_ACCESS_KEY',
    'ATELIER_S3_SECRET_KEY',
  ]);
  const weightsDir = await findWeights(env.ATELIER_WEIGHTS, env.ATELIER_WEIGHTS_DIR);
  const engineEnv = program.computes ? env : ({ ...env, ATELIER_INFERENCE: 'onnx' } as const);
  const engine = await openInference(weightsDir, engineEnv, context);
  const inference = tracedInference(engine, telemetry);
  const bus = await openBus(env, context);
  const blobs = await openBlobs(env, context);
  const cache = await openCache(env, context);

  const engineGate = readiness.gate('engine', 'cold: the graphs are being loaded');
  const resultTtlMs = env.ATELIER_RESULT_HOURS * HOUR_MS;
  const policy = await program.policy({ inference, blobs, cache, clock, crashPoints, weightsDir, resultTtlMs });
  await program.warmUp(engine);
  engineGate.open();

  const isDirected = program.stage === 'denoising';
  const orders = stageTopic(program.stage, 'requested');
  const openSlot: OpenSlot = (handler, { slot, leaseUntil }) =>
    transport.bindLate(handler, { partitions: [slot], claim: leaseUntil });
  const worker = createWorker({
    bus,
    clock,
    ids,
    crashPoints,
    policies: [policy],
    engine: engine.describe(),
    processId: instance,
    cacheDigests: () => cache.digests(256),
    onError: (error, order) => onError(error, order ? `${order.stage} ${order.runId}` : 'worker'),
    ...(isDirected ? { openSlot } : {}),
  });
  const transport: BusTransport = new BusTransport({
    bus,
    clock,
    logger,
    telemetry,
    handlers: worker.handlers,
    owned: [orders, ...BROADCASTS, ...(isDirected ? (['worker.assigned.v1'] as const) : [])],
    boundLate: isDirected ? [orders] : [],
    source: `/workers/${program.stage}/${instance}`,
  });
  if (isDirected) {
    readiness.add('slot', () => {
      if (worker.slot() === null) throw new Error('warm, but no slot was assigned yet');
    });
  }
  telemetry.gauge('atelier_worker_in_flight', 'Orders that the worker executes now.', () => [
    { value: worker.inFlight(), labels: { stage: program.stage } },
  ]);
  const app = await NestFactory.createMicroservice(WorkerModule, {
    strategy: transport,
    logger: new NestLogger(logger),
  });
  closers.add(() => app.close());
  await app.listen();
  await worker.start();
  return { stop: (drainMs: number) => worker.stop(drainMs) };
}
