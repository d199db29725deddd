import { S3BlobStore } from '@atelier/blob-s3';
import { ensureTopics, KafkaBus } from '@atelier/bus-kafka';
import { TOPICS } from '@atelier/contracts';
import { OnnxInference } from '@atelier/inference-onnx';
import { observeBus, type PlatformEnv, type ServiceContext } from '@atelier/platform';
import type { GenerationStore, Inference, MessageBus } from '@atelier/ports';
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
  const applicationName = `atelier-orchestrator-${instance}`;
  const store = await openPostgresStore({ url: env.ATELIER_DATABASE_URL, clock, applicationName });
  closers.add(() => store.close());
  return store;
}

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

/** Only to remove what is expired. */
export function openBlobs(
  env: PlatformEnv & With<'ATELIER_S3_ENDPOINT' | 'ATELIER_S3_ACCESS_KEY' | 'ATELIER_S3_SECRET_KEY'>,
  { clock, closers }: ServiceContext,
): Pick<S3BlobStore, 'sweep'> {
  const blobs = new S3BlobStore({
    endpoint: env.ATELIER_S3_ENDPOINT,
    region: env.ATELIER_S3_REGION,
    bucket: env.ATELIER_S3_BUCKET,
    credentials: { accessKeyId: env.ATELIER_S3_ACCESS_KEY, secretAccessKey: env.ATELIER_S3_SECRET_KEY },
    clock,
  });
  closers.add(async () => blobs.close());
  return blobs;
}

/** Of the engine only the description is read here: its graphs are loaded by calls, and none is made. */
export const openEngineDescription = (weightsDir: string): Promise<Pick<Inference, 'describe' | 'close'>> =>
  OnnxInference.open(weightsDir);
