import 'reflect-metadata';
import { openBlobs } from '@atelier/cluster-adapters/blobs';
import { openBus } from '@atelier/cluster-adapters/bus';
import { openEngineDescription } from '@atelier/cluster-adapters/inference';
import { openStore } from '@atelier/cluster-adapters/store';
import { openTelemetry } from '@atelier/cluster-adapters/telemetry';
import { DEFAULT_TENANT_ID, type TopicName } from '@atelier/contracts';
import { WorkerRegistry } from '@atelier/orchestration';
import {
  BusTransport,
  findWeights,
  NestLogger,
  requireVariables,
  type Service,
  type ServiceContext,
  type ServiceOptions,
  startService,
} from '@atelier/platform';
import { type CrashPoints, NO_CRASH_POINTS, type TopicHandler } from '@atelier/ports';
import { readVocabulary } from '@atelier/stage-prompt-expansion';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createApiModule } from '../api.module.js';
import type { ApiOptions } from '../api-deps.js';
import { keyAuthenticator, openAuthenticator } from '../auth/authenticator.js';
import { serveDashboard } from '../http/dashboard.js';
import { createHttpAdapter } from '../http/http-adapter.js';
import { taskReader } from '../jobs/task-reader.js';
import { traceRequests } from './trace-requests.js';

/** A worker that was silent for so long is shown no more. */
const WORKER_TTL_MS = 15_000;
const DRAIN_LOOK_MS = 20;
const OWNED: readonly TopicName[] = ['worker.reported.v1', 'worker.draining.v1'];

export interface ApiProcessOptions {
  readonly environment: ServiceOptions['environment'];
  readonly crashPoints?: CrashPoints;
  readonly onFailure?: (error: unknown) => void;
}

export const apiService = (
  crashPoints: CrashPoints = NO_CRASH_POINTS,
): Pick<ServiceOptions, 'name' | 'telemetry' | 'start'> => ({
  name: 'api',
  telemetry: openTelemetry,
  start: (context) => startApi(context, crashPoints),
});

/** Starts one replica of the public API in this process; all replicas answer alike. */
export const startApiProcess = (options: ApiProcessOptions): Promise<Service> =>
  startService({ ...options, ...apiService(options.crashPoints) });

async function startApi(context: ServiceContext, crashPoints: CrashPoints) {
  const { clock, ids, instance, logger, closers, telemetry } = context;
  const env = requireVariables(context.env, [
    'ATELIER_DATABASE_URL',
    'ATELIER_KAFKA_BROKERS',
    'ATELIER_S3_ENDPOINT',
    'ATELIER_S3_ACCESS_KEY',
    'ATELIER_S3_SECRET_KEY',
    'ATELIER_LINK_SECRET',
  ]);
  const weightsDir = await findWeights(env.ATELIER_WEIGHTS, env.ATELIER_WEIGHTS_DIR);
  const engine = await openEngineDescription(weightsDir, context);
  const store = await openStore('api', env, context);
  await store.createTenant({ id: DEFAULT_TENANT_ID, weight: 1, name: 'default' });
  const blobs = await openBlobs(env, context);
  const bus = await openBus(env, context);
  const workers = new WorkerRegistry(() => clock.monotonicMs(), WORKER_TTL_MS);

  let unready: string | null = 'the service is starting';
  const isOpen = env.ATELIER_AUTH === 'open';
  const options: ApiOptions = {
    store,
    blobs,
    clock,
    ids,
    crashPoints,
    taskOf: taskReader(await readVocabulary(engine.describe().manifest, weightsDir)),
    describe: () => engine.describe(),
    countTokens: (text) => engine.countTokens(text),
    authenticate: isOpen ? openAuthenticator : keyAuthenticator(store),
    ...(env.ATELIER_ADMIN_TOKEN === undefined ? {} : { adminToken: env.ATELIER_ADMIN_TOKEN }),
    linkSecret: Buffer.from(env.ATELIER_LINK_SECRET, 'base64url'),
    workers: () => workers.live(),
    notReadyBecause: () => unready,
    singleTenant: isOpen,
    maxQueued: env.ATELIER_QUEUE_LIMIT,
    onError: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
  };
  const adapter = createHttpAdapter();
  traceRequests(adapter, telemetry, clock);
  const openRequests = countRequests(adapter);
  const app = await NestFactory.create<NestFastifyApplication>(createApiModule(options), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
  });
  app.connectMicroservice({
    strategy: new BusTransport({
      bus,
      clock,
      logger,
      telemetry,
      handlers: sightings(workers, instance),
      owned: OWNED,
      source: `/api/${instance}`,
    }),
  });
  await serveDashboard(app);
  await app.startAllMicroservices();
  await app.listen(env.ATELIER_PORT, env.ATELIER_HOST);
  closers.add(() => app.close());
  unready = null;
  logger.info({ url: await app.getUrl() }, 'the API answers');
  return {
    /** Answers what is under way; streams that are still open then are taken up again at another replica. */
    stop: async (drainMs: number) => {
      unready = 'the service is draining';
      const untilMs = clock.monotonicMs() + drainMs;
      while (openRequests() > 0 && clock.monotonicMs() < untilMs) await clock.sleep(DRAIN_LOOK_MS);
    },
  };
}

/** Counts requests whose answer is not complete. */
function countRequests(adapter: FastifyAdapter): () => number {
  let open = 0;
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.addHook('onRequest', async (_, reply) => {
    open += 1;
    reply.raw.once('close', () => {
      open -= 1;
    });
  });
  return () => open;
}

/** Signs of life, for the Operations view and for the question whether any worker can serve a size. */
function sightings(workers: WorkerRegistry, instance: string): readonly TopicHandler[] {
  const reported: TopicHandler<'worker.reported.v1'> = {
    topic: 'worker.reported.v1',
    group: `api-${instance}`,
    handle: async (report) => void workers.report(report),
  };
  const draining: TopicHandler<'worker.draining.v1'> = {
    topic: 'worker.draining.v1',
    group: `api-${instance}`,
    handle: async (event) => workers.drain(event),
  };
  return [reported, draining] as readonly TopicHandler[];
}
