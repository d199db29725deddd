import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OtelTelemetry } from './index.js';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function inMemory() {
  const exporter = new InMemorySpanExporter();
  const telemetry = new OtelTelemetry({
    service: 'atelier-denoising',
    instance: 'p1',
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  onTestFinished(() => telemetry.close());
  return { telemetry, exporter };
}

describe('spans', () => {
  it('continue the trace they are given, and hand on a context whose children are theirs', () => {
    const { telemetry, exporter } = inMemory();
    const stage = telemetry.startSpan('denoising', { kind: 'consumer', traceparent: CALLER });
    const step = telemetry.startSpan('step', { kind: 'internal', traceparent: stage.traceparent });
    step.end();
    stage.set({ 'atelier.stage': 'denoising' });
    stage.end();
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner?.spanContext().traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(outer?.attributes).toEqual({ 'atelier.stage': 'denoising' });
    expect(outer?.resource.attributes).toMatchObject({ 'service.name': 'atelier-denoising' });
  });

  it('begin a new trace without a readable context, and name an error by its class alone', () => {
    const { telemetry, exporter } = inMemory();
    const span = telemetry.startSpan('x', { kind: 'server', traceparent: '00-zz-zz-01' });
    span.end(new TypeError('a prompt that nobody may read'));
    const [finished] = exporter.getFinishedSpans();
    expect(span.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(finished?.status).toEqual({ code: 2, message: 'TypeError' });
    expect(JSON.stringify([finished?.attributes, finished?.events])).not.toContain('prompt');
  });

  it('reach an OTLP collector over HTTP by the time the process closes', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(`${request.url} ${body}`);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void collector.close());
    const otlpEndpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const telemetry = new OtelTelemetry({ service: 's', instance: 'p1', otlpEndpoint });
    telemetry.startSpan('scoring', { kind: 'consumer', traceparent: CALLER }).end();
    await telemetry.close();
    await vi.waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).toMatch(/^\/v1\/traces .*"name":"scoring"/);
  });

  it('that cannot be delivered hold nothing back', async () => {
    const telemetry = new OtelTelemetry({ service: 's', instance: 'p1', otlpEndpoint: 'http://127.0.0.1:9' });
    telemetry.startSpan('x', { kind: 'internal', traceparent: null }).end();
    const startedMs = performance.now();
    await telemetry.close();
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });
});

describe('metrics', () => {
  it('are Prometheus text: counters, histograms with the bounds asked for, gauges read at the scrape', async () => {
    const { telemetry } = inMemory();
    telemetry.counter('atelier_stale_writes_total', 'Refused.').add(2, { stage: 'denoising' });
    telemetry.histogram('atelier_stage_duration_seconds', 'Taken.', [0.1, 1]).record(0.5, { stage: 'scoring' });
    let queued = 3;
    telemetry.gauge('atelier_queued_ms', 'Waiting.', async () => [{ value: queued, labels: { stage: 'decoding' } }]);
    queued = 5;
    const text = await telemetry.metrics();
    expect(text).toContain('atelier_stale_writes_total{stage="denoising"} 2');
    expect(text).toContain('atelier_stage_duration_seconds_bucket{stage="scoring",le="1"} 1');
    expect(text).toContain('atelier_queued_ms{stage="decoding"} 5');
    expect(text).toMatch(/process_cpu_seconds_total \d/);
  });

  it('that cannot be read leave the others readable', async () => {
    const { telemetry } = inMemory();
    telemetry.gauge('atelier_broken', 'Broken.', () => Promise.reject(new Error('no database')));
    telemetry.counter('atelier_fine_total', 'Fine.').add(1);
    expect(await telemetry.metrics()).toContain('atelier_fine_total 1');
  });
});
