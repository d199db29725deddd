import { S3BlobStore } from '@atelier/blob-s3';
import { ensureTopics, KafkaBus } from '@atelier/bus-kafka';
import { TOPICS } from '@atelier/contracts';
import { OnnxInference } from '@atelier/inference-onnx';
import { observeBus, type PlatformEnv, type ServiceContext } from '@atelier/platform';
import type { BlobStore, GenerationStore, Inference, MessageBus } from '@atelier/ports';
import { openPostgresStore } from '@atelier/store-prisma';
import { OtelTelemetry } from '@atelier/telemetry-otel';

type With<K extends keyof PlatformEnv> = { readonly [N in K]: NonNullable<PlatformEnv[N]> };

export const openTelemetry = (of: { readonly name: string; readonly instance: string; readonly env: PlatformEnv }) =>
  new OtelTelemetry({
    service: `atelier-${of.name}`,
    instance: of.instance,
    otlpEndpoint: of.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  });

export async function openStore(
  env: With<'ATELIER_DATABASE_URL'>,
  { clock, instance, closers }: ServiceContext,
): Promise<GenerationStore> {
  const applicationName = `atelier-api-${instance}`;
  const store = await openPostgresStore({ url: env.ATELIER_DATABASE_URL, clock, applicationName });
  closers.add(() => store.close());
  return store;
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

/** Only the signs of life of the workers are read: what the API says travels through the outbox. */
export async function openBus(env: With<'ATELIER_KAFKA_BROKERS'>, context: ServiceContext): Promise<MessageBus> {
  const { instance, clock, logger: log, fail, closers, telemetry } = context;
  const brokers = env.ATELIER_KAFKA_BROKERS.split(',');
  await ensureTopics({ brokers, clientId: instance, topics: Object.values(TOPICS), log });
  const bus = new KafkaBus({ brokers, clientId: instance, clock, log, onFatal: fail });
  closers.add(() => bus.close(0));
  observeBus(() => bus.health(), telemetry);
  return bus;
}

/** Of the engine the API needs the description and the tokeniser; its graphs are never loaded. */
export const openEngineDescription = (
  weightsDir: string,
): Promise<Pick<Inference, 'describe' | 'countTokens' | 'close'>> => OnnxInference.open(weightsDir);
