import { randomBytes } from 'node:crypto';
import {
  type ApiOptions,
  createHttpAdapter,
  keyAuthenticator,
  openAuthenticator,
  serveDashboard,
  taskReader,
} from '@atelier/api';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { MemoryBus } from '@atelier/bus-memory';
import { MemoryReferenceCache } from '@atelier/cache-memory';
import { DEFAULT_TENANT_ID, TOPIC_NAMES, type TopicName } from '@atelier/contracts';
import { OnnxInference } from '@atelier/inference-onnx';
import { createOrchestrator } from '@atelier/orchestration';
import {
  BusTransport,
  Closers,
  createLogger,
  findWeights,
  type Logger,
  NestLogger,
  reportFailuresTo,
  startSweeper,
  systemClock,
  UlidIds,
} from '@atelier/platform';
import {
  type BlobStore,
  type Clock,
  type CrashPoints,
  type GenerationStore,
  type Inference,
  type MessageBus,
  NO_CRASH_POINTS,
} from '@atelier/ports';
import { readVocabulary } from '@atelier/stage-prompt-expansion';
import { createEmbeddedStore } from '@atelier/store-prisma';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createEmbeddedModule } from './app.module.js';
import { DataFolder } from './data-folder.js';
import { drawSelfCheck, SELF_CHECK_TENANT, type SelfCheckResult } from './self-check.js';
import { createStageWorker } from './stage-worker.js';

const HOUR_MS = 3_600_000;
const SWEEP_INTERVAL_MS = 10 * 60_000;
const MEGABYTE = 1024 * 1024;
/** Time that running work gets when the platform stops; what is not done by then is taken up at the next start. */
const DEFAULT_DRAIN_MS = 10_000;
/** Topics that leave this process unread: nobody subscribes to results yet, and dead letters wait for an operator. */
const UNREAD_TOPICS: readonly TopicName[] = ['generation.finished.v1', 'dead-letter.v1'];

export interface EmbeddedOptions {
  /** Database, pictures and keys; created when missing. One process at a time. */
  readonly dataDir: string;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** @default 'open' */
  readonly auth?: 'open' | 'keys';
  /** Folder of the weights. @default the ones that `gpu-runtime/weights/default.json` names */
  readonly weightsDir?: string;
  /** CPU threads of the engine. @default one less than the machine has */
  readonly threads?: number;
  /** Precision of the engine, one that the weights have graphs for. @default fp32 */
  readonly precision?: string;
  /** Takes the place of the ONNX engine; the caller closes it. */
  readonly inference?: Inference;
  /** @default 256 */
  readonly cacheMb?: number;
  /** Hours after which pictures are deleted. @default 720 */
  readonly resultHours?: number;
  /** Unfinished jobs from which on new ones are refused. @default 10000 */
  readonly queueLimit?: number;
  /** Whether a first picture is drawn before `/readyz` answers 200. @default true */
  readonly selfCheck?: boolean;
  readonly crashPoints?: CrashPoints;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Replaces or wraps the message bus: fault suites repeat, delay and reorder. */
  readonly wrapBus?: (bus: MessageBus) => MessageBus;
}

/** A running platform. */
export interface EmbeddedPlatform {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly store: GenerationStore;
  readonly blobs: BlobStore;
  readonly inference: Inference;
  /** Guards the administrative routes. */
  readonly adminToken: string;
  /** Resolves once `/readyz` answers 200; rejects when the first picture could not be drawn. */
  readonly ready: Promise<SelfCheckResult | null>;
  /** Takes no new work, lets running work finish for `drainMs`, then closes everything. */
  stop(drainMs?: number): Promise<void>;
}

/** Starts the whole platform in this process: store, bus, blobs, engine, orchestration, one worker per stage, HTTP. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPlatform> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function start(options: EmbeddedOptions, closers: Closers): Promise<EmbeddedPlatform> {
  const crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
  const logger = options.logger ?? createLogger({ level: 'silent', name: 'embedded' });
  const onError = reportFailuresTo(logger);
  const folder = new DataFolder(options.dataDir);
  const parts = await openParts(options, folder, closers);
  const { clock, ids, store, blobs, bus, inference } = parts;
  const describe = () => inference.describe();

  const orchestrator = createOrchestrator({
    store,
    bus,
    clock,
    ids,
    describe,
    crashPoints,
    options: { instanceId: 'embedded', exclusive: true, onError },
  });
  const resultTtlMs = (options.resultHours ?? 720) * HOUR_MS;
  const worker = createStageWorker({ ...parts, resultTtlMs, crashPoints, onError });
  const sweeper = startSweeper({ sweep: () => blobs.sweep(), clock, intervalMs: SWEEP_INTERVAL_MS, onError });
  closers.add(() => sweeper.stop());

  const readiness = { reason: 'the first picture is being drawn' as string | null };
  const adminToken = randomBytes(24).toString('base64url');
  const auth = options.auth ?? 'open';
  const api: ApiOptions = {
    ...parts,
    describe,
    adminToken,
    crashPoints,
    taskOf: taskReader(parts.vocabulary),
    countTokens: (text) => inference.countTokens(text),
    authenticate: auth === 'keys' ? keyAuthenticator(store) : openAuthenticator,
    linkSecret: await folder.linkSecret(),
    workers: () => orchestrator.workers(),
    notReadyBecause: () => readiness.reason,
    singleTenant: auth === 'open',
    maxQueued: options.queueLimit ?? 10_000,
    onError: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
  };
  const app = await createApp(
    api,
    new BusTransport({
      bus,
      clock,
      logger,
      handlers: [...orchestrator.handlers, ...worker.handlers],
      owned: TOPIC_NAMES.filter((topic) => !UNREAD_TOPICS.includes(topic)),
      source: '/embedded',
    }),
    logger,
  );
  await app.startAllMicroservices();
  closers.add(() => app.close());
  await orchestrator.start();
  closers.add(() => orchestrator.stop());
  await worker.start();
  await app.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  const url = loopbackUrl(app);
  await folder.writeServerFile({ pid: process.pid, url, adminToken });
  closers.add(() => folder.removeServerFile());

  const becomeReady = async (): Promise<SelfCheckResult | null> => {
    try {
      const result = options.selfCheck === false ? null : await drawSelfCheck({ ...parts, crashPoints });
      readiness.reason = null;
      return result;
    } catch (error) {
      readiness.reason = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  const ready = becomeReady();
  // Whoever does not wait for it must not crash by it: `/readyz` tells the reason.
  ready.catch(() => undefined);

  return {
    url,
    store,
    blobs,
    inference,
    adminToken,
    ready,
    async stop(drainMs = DEFAULT_DRAIN_MS) {
      readiness.reason = 'the platform stops';
      await worker.stop(drainMs);
      await closers.closeAll();
    },
  };
}

/** What the platform stands on: one adapter for each port. */
async function openParts(options: EmbeddedOptions, folder: DataFolder, closers: Closers) {
  const clock = options.clock ?? systemClock;
  await folder.create();
  const store = await createEmbeddedStore({ dataDir: folder.database, clock });
  closers.add(() => store.close());
  await store.createTenant({ id: DEFAULT_TENANT_ID, weight: 1, name: 'default' });
  await store.createTenant({ id: SELF_CHECK_TENANT, weight: 1, name: 'self-check' });
  const { inference, weightsDir } = await openEngine(options, closers);
  const ownBus = new MemoryBus({ clock });
  const bus = options.wrapBus?.(ownBus) ?? ownBus;
  closers.add(() => bus.close());
  return {
    clock,
    store,
    inference,
    bus,
    ids: new UlidIds(clock),
    blobs: new FilesystemBlobStore({ directory: folder.blobs, clock }),
    cache: new MemoryReferenceCache({ clock, capacityBytes: (options.cacheMb ?? 256) * MEGABYTE }),
    vocabulary: await readVocabulary(inference.describe().manifest, weightsDir),
  };
}

async function openEngine(
  options: EmbeddedOptions,
  closers: Closers,
): Promise<{ inference: Inference; weightsDir?: string }> {
  if (options.inference) return { inference: options.inference };
  const { weightsDir = await findWeights(), threads, precision } = options;
  const inference = await OnnxInference.open(weightsDir, {
    ...(threads === undefined ? {} : { threads }),
    ...(precision === undefined ? {} : { precision }),
  });
  closers.add(() => inference.close());
  return { inference, weightsDir };
}

/** The Nest application with both of its sides: HTTP and the message bus. */
async function createApp(api: ApiOptions, transport: BusTransport, logger: Logger): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(createEmbeddedModule(api), createHttpAdapter(), {
    logger: new NestLogger(logger),
    bodyParser: false,
  });
  app.connectMicroservice({ strategy: transport });
  await serveDashboard(app);
  return app;
}

/** The address that local tools use, whatever address the server binds to. */
function loopbackUrl(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
