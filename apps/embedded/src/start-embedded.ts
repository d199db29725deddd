import { randomBytes } from 'node:crypto';
import { createHttpAdapter, keyAuthenticator, openAuthenticator, serveDashboard } from '@atelier/api';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { MemoryBus } from '@atelier/bus-memory';
import { MemoryReferenceCache } from '@atelier/cache-memory';
import { DEFAULT_TENANT_ID, TOPIC_NAMES, type TopicName } from '@atelier/contracts';
import { createOrchestrator } from '@atelier/orchestration';
import { BusTransport, createLogger, type Logger, NestLogger, systemClock, UlidIds } from '@atelier/platform';
import {
  type BlobStore,
  type Clock,
  type CrashPoints,
  type GenerationStore,
  type Inference,
  type MessageBus,
  NO_CRASH_POINTS,
} from '@atelier/ports';
import { createEmbeddedStore } from '@atelier/store-prisma';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createEmbeddedModule } from './app.module.js';
import { DataFolder } from './data-folder.js';
import { openInference } from './inference.js';
import { drawSelfCheck, SELF_CHECK_TENANT, type SelfCheckResult } from './self-check.js';
import { createStageWorker } from './stage-worker.js';
import { readVocabulary } from './vocabulary.js';
import { findWeights } from './weights-folder.js';

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
  /** Takes the place of the ONNX engine; the caller closes it. */
  readonly inference?: Inference;
  /** @default 256 */
  readonly cacheMb?: number;
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
  const clock = options.clock ?? systemClock;
  const crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
  const logger = options.logger ?? createLogger({ level: 'silent', name: 'embedded' });
  const folder = new DataFolder(options.dataDir);
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };

  try {
    await folder.create();
    const store = await createEmbeddedStore({ dataDir: folder.database, clock });
    closers.push(() => store.close());
    const weightsDir = options.inference ? undefined : (options.weightsDir ?? (await findWeights()));
    const inference = options.inference ?? (await openInference(weightsDir as string, options.threads));
    if (!options.inference) closers.push(() => inference.close());
    await store.createTenant({ id: DEFAULT_TENANT_ID, weight: 1, name: 'default' });
    await store.createTenant({ id: SELF_CHECK_TENANT, weight: 1, name: 'self-check' });

    const ids = new UlidIds(clock);
    const blobs = new FilesystemBlobStore({ directory: folder.blobs, clock });
    const ownBus = new MemoryBus({ clock });
    const bus = options.wrapBus?.(ownBus) ?? ownBus;
    closers.push(() => bus.close());
    const cache = new MemoryReferenceCache({ clock, capacityBytes: (options.cacheMb ?? 256) * MEGABYTE });

    const describe = () => inference.describe();
    const onError = reportTo(logger);
    const orchestrator = createOrchestrator({
      store,
      bus,
      clock,
      ids,
      describe,
      crashPoints,
      options: { instanceId: 'embedded', exclusive: true, onError },
    });
    const worker = createStageWorker({
      bus,
      clock,
      ids,
      inference,
      vocabulary: await readVocabulary(inference.describe().manifest, weightsDir),
      blobs,
      cache,
      crashPoints,
      onError,
    });

    const readiness = { reason: 'the first picture is being drawn' as string | null };
    const adminToken = randomBytes(24).toString('base64url');
    const auth = options.auth ?? 'open';
    const app = await NestFactory.create<NestFastifyApplication>(
      createEmbeddedModule({
        store,
        blobs,
        clock,
        ids,
        describe,
        countTokens: (text) => inference.countTokens(text),
        authenticate: auth === 'keys' ? keyAuthenticator(store) : openAuthenticator,
        adminToken,
        linkSecret: await folder.linkSecret(),
        workers: () => orchestrator.workers(),
        notReadyBecause: () => readiness.reason,
        singleTenant: auth === 'open',
        maxQueued: options.queueLimit ?? 10_000,
        crashPoints,
        onError: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
      }),
      createHttpAdapter(),
      { logger: new NestLogger(logger), bodyParser: false },
    );
    app.connectMicroservice({
      strategy: new BusTransport({
        bus,
        clock,
        logger,
        handlers: [...orchestrator.handlers, ...worker.handlers],
        owned: TOPIC_NAMES.filter((topic) => !UNREAD_TOPICS.includes(topic)),
        source: '/embedded',
      }),
    });
    await serveDashboard(app);
    await app.startAllMicroservices();
    closers.push(() => app.close());
    await orchestrator.start();
    closers.push(() => orchestrator.stop());
    await worker.start();
    await app.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    const url = loopbackUrl(app);
    await folder.writeServerFile({ pid: process.pid, url, adminToken });
    closers.push(() => folder.removeServerFile());

    const ready = becomeReady();
    // Whoever does not wait for it must not crash by it: `/readyz` tells the reason.
    ready.catch(() => undefined);

    async function becomeReady(): Promise<SelfCheckResult | null> {
      try {
        const result =
          options.selfCheck === false
            ? null
            : await drawSelfCheck({ store, blobs, clock, ids, inference, crashPoints });
        readiness.reason = null;
        return result;
      } catch (error) {
        readiness.reason = error instanceof Error ? error.message : String(error);
        throw error;
      }
    }

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
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * A request that a stage refuses is the caller's affair: only its code is noted, for its sentence may quote the prompt.
 * Everything else is an operator's.
 */
const reportTo =
  (logger: Logger) =>
  (error: unknown, where: string): void => {
    const { errorClass, code } = (error ?? {}) as { errorClass?: unknown; code?: unknown };
    if (errorClass === 'invalid') logger.info({ code, where }, 'a stage refused its input');
    else logger.error({ err: error, where }, 'unexpected failure');
  };

/** The address that local tools use, whatever address the server binds to. */
function loopbackUrl(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
