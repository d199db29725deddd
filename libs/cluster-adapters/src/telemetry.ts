import type { PlatformEnv } from '@atelier/platform';
import { OtelTelemetry } from '@atelier/telemetry-otel';

/** Spans go to the collector that the environment names; without one they stay in the process. */
export const openTelemetry = (of: {
  /** `api`, `denoising-worker` */
  readonly name: string;
  readonly instance: string;
  readonly env: PlatformEnv;
}): OtelTelemetry =>
  new OtelTelemetry({
    service: `atelier-${of.name}`,
    instance: of.instance,
    otlpEndpoint: of.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
