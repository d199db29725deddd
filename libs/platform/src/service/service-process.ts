import type { Clock, Ids, Telemetry } from '@atelier/ports';
import { ConfigurationError, type PlatformEnv, readPlatformEnv, unknownVariables } from '../config/platform-env.js';
import { Readiness, type ReadinessGate } from '../health/readiness.js';
import { createLogger, type Logger } from '../logging/logger.js';
import { systemClock } from '../system/system-clock.js';
import { UlidIds } from '../system/ulid-ids.js';
import { SILENT_TELEMETRY } from '../tracing/silent-telemetry.js';
import { Closers } from './closers.js';
import { startOpsServer } from './ops-server.js';
import { reportFailuresTo } from './report-failures.js';
import { stopOnSignals } from './stop-on-signals.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** What closing connections may take beyond the drain before the process ends regardless. */
const CLOSE_LIMIT_MS = 5_000;

/** Telemetry that can be read and shut down; made by an adapter that the composition root chooses. */
export interface ServiceTelemetry extends Telemetry {
  /** Prometheus text format. */
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** What every separate service has, whatever it does. */
export interface ServiceContext {
  readonly env: PlatformEnv;
  /** Unique among all processes: names workers, leaders and consumer groups. */
  readonly instance: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  /** What is added is closed after `stop`, in the opposite order. */
  readonly closers: Closers;
  readonly onError: (error: unknown, where: string) => void;
  /** Ends the process with an error: for losses that only a new process repairs. */
  readonly fail: (error: unknown) => void;
}

export interface ServiceOptions {
  /** `api`, `orchestrator`, `denoising-worker`: prefix of the instance and of every log line. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly telemetry?: (context: {
    readonly name: string;
    readonly instance: string;
    readonly env: PlatformEnv;
  }) => ServiceTelemetry | Promise<ServiceTelemetry>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Told when the service cannot go on. @default ignored */
  readonly onFailure?: (error: unknown) => void;
  /** Opens everything. `stop` takes no new work and lets running work end; connections are still open then. */
  readonly start: (context: ServiceContext) => Promise<{ stop(drainMs: number): Promise<void> }>;
}

export interface Service {
  readonly instance: string;
  /** Answers `/healthz`, `/readyz` and `/metrics`. */
  readonly opsUrl: string;
  stop(): Promise<void>;
}

/** Starts one service of the platform in this process, with its health, metrics and orderly end. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const env = readPlatformEnv(options.environment);
  const clock = options.clock ?? systemClock;
  const ids = new UlidIds(clock);
  const instance = env.ATELIER_INSTANCE ?? ids.executionId();
  const logger = options.logger ?? createLogger({ level: env.ATELIER_LOG, name: `${options.name}-${instance}` });
  for (const name of unknownVariables(options.environment)) {
    logger.warn({ name }, 'this environment variable is not known');
  }
  const closers = new Closers();
  try {
    const telemetry = await options.telemetry?.({ name: options.name, instance, env });
    if (telemetry) closers.add(() => telemetry.close());
    const readiness = new Readiness({ clock });
    const started = readiness.gate('start', 'the service is starting');
    // Asked from the first moment on: a process that still loads its weights is alive, and cold.
    const ops = await startOpsServer({
      host: env.ATELIER_OPS_HOST,
      port: env.ATELIER_OPS_PORT,
      readiness,
      metrics: async () => (await telemetry?.metrics()) ?? '',
    });
    closers.add(() => ops.close());
    const running = await options.start({
      env,
      instance,
      logger,
      clock,
      ids,
      readiness,
      closers,
      telemetry: telemetry ?? SILENT_TELEMETRY,
      onError: reportFailuresTo(logger),
      fail: options.onFailure ?? (() => undefined),
    });
    started.open();
    logger.info({ opsUrl: ops.url }, 'started');
    return { instance, opsUrl: ops.url, stop: () => stopService(running, env, started, closers, logger, clock) };
  } catch (error) {
    await closers.closeAll().catch(() => undefined);
    throw error;
  }
}

async function stopService(
  running: { stop(drainMs: number): Promise<void> },
  env: PlatformEnv,
  started: ReadinessGate,
  closers: Closers,
  logger: Logger,
  clock: Clock,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  started.hold('the service is draining');
  logger.info('draining');
  try {
    await running.stop(env.ATELIER_DRAIN_MS);
  } finally {
    await closers.closeAll();
    logger.info({ drainMs: Math.round(clock.monotonicMs() - startedMs) }, 'stopped');
  }
}

/** The whole life of a service process: starts, prints where it can be asked, stops on SIGTERM or SIGINT. */
export async function runService(options: Omit<ServiceOptions, 'environment' | 'onFailure'>): Promise<void> {
  try {
    const service = await startService({
      ...options,
      environment: process.env,
      onFailure: (error) => endWith(error, EXIT_FAILED),
    });
    process.stdout.write(`${options.name} ${service.instance} is up, operations at ${service.opsUrl}\n`);
    const env = readPlatformEnv(process.env);
    stopOnSignals({ stop: () => service.stop(), limitMs: env.ATELIER_DRAIN_MS + CLOSE_LIMIT_MS });
  } catch (error) {
    endWith(error, error instanceof ConfigurationError ? EXIT_USAGE : EXIT_FAILED);
  }
}

function endWith(error: unknown, code: number): void {
  const text = error instanceof ConfigurationError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
