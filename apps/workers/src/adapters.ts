import { S3BlobStore } from '@atelier/blob-s3';
import { ensureTopics, KafkaBus } from '@atelier/bus-kafka';
import { MemoryReferenceCache } from '@atelier/cache-memory';
import { RedisReferenceCache } from '@atelier/cache-redis';
import { TOPICS } from '@atelier/contracts';
import { OnnxInference } from '@atelier/inference-onnx';
import { meteredCache, observeBus, type PlatformEnv, type ServiceContext } from '@atelier/platform';
import type { BlobStore, Inference, MessageBus, ReferenceCache } from '@atelier/ports';
import { OtelTelemetry } from '@atelier/telemetry-otel';

const MEGABYTE = 1024 * 1024;

type With<K extends keyof PlatformEnv> = { readonly [N in K]: NonNullable<PlatformEnv[N]> };

export const openTelemetry = (of: { readonly name: string; readonly instance: string; readonly env: PlatformEnv }) =>
  new OtelTelemetry({
    service: `atelier-${of.name}`,
    instance: of.instance,
    otlpEndpoint: of.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  });

export async function openBus(env: With<'ATELIER_KAFKA_BROKERS'>, context: ServiceContext): Promise<MessageBus> {
  const { instance, clock, logger: log, fail, closers, telemetry } = context;
  const brokers = env.ATELIER_KAFKA_BROKERS.split(',');
  await ensureTopics({ brokers, clientId: instance, topics: Object.values(TOPICS), log });
  const bus = new KafkaBus({ brokers, clientId: instance, clock, log, onFatal: fail });
  closers.add(() => bus.close(0));
  await bus.open();
  observeBus(() => bus.health(), telemetry);
  return bus;
}

export async function openBlobs(
  env: PlatformEnv & With<'ATELIER_S3_ENDPOINT' | 'ATELIER_S3_ACCESS_KEY' | 'ATELIER_S3_SECRET_KEY'>,
  { clock, closers }: ServiceContext,
): Promise<BlobStore> {
  const blobs = new S3BlobStore({
    endpoint: env.ATELIER_S3_ENDPOINT,
    region: env.ATELIER_S3_REGION,
    bucket: env.ATELIER_S3_BUCKET,
    credentials: { accessKeyId: env.ATELIER_S3_ACCESS_KEY, secretAccessKey: env.ATELIER_S3_SECRET_KEY },
    clock,
  });
  closers.add(async () => blobs.close());
  await blobs.ensureBucket();
  return blobs;
}

/** Memory in front of Redis where there is one; alone where there is none. */
export async function openCache(
  env: PlatformEnv,
  { clock, closers, telemetry }: ServiceContext,
): Promise<ReferenceCache> {
  const near = new MemoryReferenceCache({ clock, capacityBytes: env.ATELIER_CACHE_MB * MEGABYTE });
  if (env.ATELIER_REDIS_URL === undefined) return meteredCache(near, telemetry);
  const capacityBytes = env.ATELIER_SHARED_CACHE_MB * MEGABYTE;
  const cache = new RedisReferenceCache({ url: env.ATELIER_REDIS_URL, clock, capacityBytes, near });
  closers.add(async () => cache.close());
  await cache.connected();
  telemetry.gauge(
    'atelier_cache_break_even_bytes_per_ms',
    'Measured transfer rate that admission compares with.',
    () => [{ value: cache.statistics().breakEven.bytesPerMs }],
  );
  telemetry.gauge('atelier_cache_circuit_open', '1 while Redis is taken for lost and not asked.', () => [
    { value: cache.statistics().circuit === 'closed' ? 0 : 1 },
  ]);
  return meteredCache(cache, telemetry);
}

export const openInference = (weightsDir: string, { ATELIER_THREADS: threads }: PlatformEnv): Promise<Inference> =>
  OnnxInference.open(weightsDir, threads === undefined ? {} : { threads });
