import type { Span, SpanOptions, Telemetry } from '@atelier/ports';
import { currentTraceparent, runAsTrace } from './trace-context.js';

/**
 * Runs `work` as a span: a child of `traceparent`, by default of the step that runs now. Everything logged, sent or
 * begun inside belongs to it; it ends with the work, as failed if the work throws.
 */
export async function inSpan<T>(
  telemetry: Pick<Telemetry, 'startSpan'>,
  name: string,
  options: Omit<SpanOptions, 'traceparent'> & { readonly traceparent?: string | null | undefined },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { traceparent = currentTraceparent(), ...rest } = options;
  const span = telemetry.startSpan(name, { ...rest, traceparent });
  try {
    const result = await runAsTrace(span.traceparent, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
