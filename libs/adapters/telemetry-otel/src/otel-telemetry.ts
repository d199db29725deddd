import type { Attributes, Counter, Histogram, Measurement, Span, SpanOptions, Telemetry } from '@atelier/ports';
import { type Meter, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { observeProcess } from './process-metrics.js';
import { formatTraceparent, readTraceparent } from './traceparent.js';

export interface OtelTelemetryOptions {
  /** `service.name` of every span: `atelier-denoising`. */
  readonly service: string;
  /** `service.instance.id`: which process of the service. */
  readonly instance: string;
  /** Base address of an OTLP collector over HTTP; without one spans have ids and go nowhere. */
  readonly otlpEndpoint?: string | undefined;
  /** Instead of the collector; for tests, which read spans from memory. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  internal: SpanKind.INTERNAL,
} as const satisfies Record<SpanOptions['kind'], SpanKind>;

/** How long finished spans wait to be sent together. */
const BATCH_DELAY_MS = 500;
const CLOSE_LIMIT_MS = 1_000;

/** Telemetry through the OpenTelemetry SDK: spans to an OTLP collector, metrics as Prometheus text on demand. */
export class OtelTelemetry implements Telemetry {
  private readonly tracers: TracerProvider;
  private readonly tracer: Tracer;
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  private readonly serializer = new PrometheusSerializer('', false, undefined, true, true);
  private readonly meters: MeterProvider;
  private readonly meter: Meter;

  constructor(options: OtelTelemetryOptions) {
    const resource = resourceFromAttributes({
      'service.name': options.service,
      'service.instance.id': options.instance,
      'service.namespace': 'atelier',
    });
    this.tracers = new TracerProvider({ resource, spanProcessors: spanProcessorsOf(options) });
    this.tracer = this.tracers.getTracer('atelier');
    this.meters = new MeterProvider({ resource, readers: [this.reader] });
    this.meter = this.meters.getMeter('atelier');
    observeProcess(this.meter);
  }

  startSpan(name: string, { traceparent, kind, attributes }: SpanOptions): Span {
    const parent = readTraceparent(traceparent);
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, context);
    return {
      traceparent: formatTraceparent(span.spanContext()),
      set: (more) => void span.setAttributes({ ...more }),
      end: (error) => {
        if (error !== undefined) {
          // The class of an error is safe to show; its sentence may quote a prompt.
          const type = error instanceof Error ? error.name : 'unknown';
          span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR, message: type });
        }
        span.end();
      },
    };
  }

  counter(name: string, description: string): Counter {
    // The Prometheus serializer writes the suffix that the name of a counter has there.
    const counter = this.meter.createCounter(name.replace(/_total$/, ''), { description });
    return { add: (value, labels) => counter.add(value, labels) };
  }

  histogram(name: string, description: string, bounds: readonly number[]): Histogram {
    const advice = { explicitBucketBoundaries: [...bounds] };
    const histogram = this.meter.createHistogram(name, { description, advice });
    return { record: (value, labels) => histogram.record(value, labels) };
  }

  gauge(name: string, description: string, read: () => Promise<readonly Measurement[]> | readonly Measurement[]): void {
    this.meter.createObservableGauge(name, { description }).addCallback(async (result) => {
      for (const { value, labels } of await read()) result.observe(value, labels as Attributes);
    });
  }

  /** Prometheus text format. A gauge that cannot be read is left out; the others are still told. */
  async metrics(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect();
    return this.serializer.serialize(resourceMetrics);
  }

  /** Sends what waits, for a second at most: a collector that is gone must not hold a process back. */
  async close(): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
    await Promise.race([Promise.allSettled([this.tracers.shutdown(), this.meters.shutdown()]), timeout]);
  }
}

function spanProcessorsOf({ otlpEndpoint, spanProcessors }: OtelTelemetryOptions): SpanProcessor[] {
  if (spanProcessors) return [...spanProcessors];
  if (otlpEndpoint === undefined) return [];
  const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: 2_000 });
  return [new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_DELAY_MS })];
}
