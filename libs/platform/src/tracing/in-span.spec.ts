import type { Inference, Span, SpanOptions } from '@atelier/ports';
import { expect, it } from 'vitest';
import { inSpan } from './in-span.js';
import { SILENT_TELEMETRY } from './silent-telemetry.js';
import { currentTraceparent } from './trace-context.js';
import { tracedInference } from './traced-inference.js';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** Telemetry that remembers its spans: whose child each is, and how it ended. */
function recording() {
  const spans: { name: string; parent: string | null; traceparent: string; ended?: 'well' | 'failed' }[] = [];
  const startSpan = (name: string, options: SpanOptions): Span => {
    const inner = SILENT_TELEMETRY.startSpan(name, options);
    const span: (typeof spans)[number] = { name, parent: options.traceparent, traceparent: inner.traceparent };
    spans.push(span);
    return {
      ...inner,
      end: (error) => {
        span.ended = error === undefined ? 'well' : 'failed';
      },
    };
  };
  return { spans, startSpan };
}

it('makes what runs inside a span its child, in the trace of the caller', async () => {
  const telemetry = recording();
  await inSpan(telemetry, 'stage', { kind: 'consumer', traceparent: CALLER }, async () => {
    await inSpan(telemetry, 'step', { kind: 'internal' }, async () => undefined);
    expect(currentTraceparent()).toBe(telemetry.spans[0]?.traceparent);
  });
  const [stage, step] = telemetry.spans;
  expect(stage).toMatchObject({ parent: CALLER, ended: 'well' });
  expect(stage?.traceparent).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
  expect(step).toMatchObject({ parent: stage?.traceparent, ended: 'well' });
});

it('ends a span as failed when its work throws, and throws the same error on', async () => {
  const telemetry = recording();
  const failing = inSpan(telemetry, 'x', { kind: 'internal' }, async () => {
    throw new RangeError('too large');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(telemetry.spans).toMatchObject([{ ended: 'failed' }]);
});

it('wraps every call of an engine into a span and changes nothing of it', async () => {
  const telemetry = recording();
  const seen: unknown[] = [];
  const answer = (...args: unknown[]) => {
    seen.push(...args);
    return Promise.resolve({ latents: [], stepsRun: 3 });
  };
  const engine = { denoise: answer, decode: answer, encodeReference: answer } as unknown as Inference;
  const traced = tracedInference(engine, telemetry);
  const request = { steps: 4, size: { widthPx: 64, heightPx: 64 } } as never;
  const hooks = {};
  expect(await traced.denoise(request, hooks)).toEqual({ latents: [], stepsRun: 3 });
  await traced.decode('latents' as never, 'size' as never);
  expect(seen).toEqual([request, hooks, 'latents', 'size']);
  expect(telemetry.spans.map(({ name }) => name)).toEqual(['inference.denoise', 'inference.decode']);
});
