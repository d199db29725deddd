/**
 * What a process tells about itself: spans of traces, and metrics. Semantics every adapter must prove:
 * - it never throws and never delays: telemetry that cannot be delivered is dropped;
 * - a span that is never ended is never exported, and costs nothing else;
 * - attribute and label values come from closed sets (stage, outcome, tenant class) or are ids in spans; prompt text is
 *   in neither.
 */
export interface Telemetry {
  /** Begins a step of the trace that `traceparent` names; of a new trace where it is null or unreadable. */
  startSpan(name: string, options: SpanOptions): Span;
  /** Counts up from 0. Names are `atelier_<noun>_total`. */
  counter(name: string, description: string): Counter;
  /** Distribution of seconds or bytes. */
  histogram(name: string, description: string, bounds: readonly number[]): Histogram;
  /** Read at every scrape; `read` answers one value per set of labels. */
  gauge(name: string, description: string, read: () => Promise<readonly Measurement[]> | readonly Measurement[]): void;
}

export interface SpanOptions {
  readonly traceparent: string | null;
  /** `server` answers a request, `consumer` a message, `producer` sends one, `internal` is a step inside a process. */
  readonly kind: 'server' | 'consumer' | 'producer' | 'internal';
  readonly attributes?: Attributes;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** W3C trace context of this span: what is sent on, so that the next step becomes its child. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Ends it, as failed where an error is given. A second call is ignored. */
  end(error?: unknown): void;
}

export interface Counter {
  add(value: number, labels?: Attributes): void;
}

export interface Histogram {
  record(value: number, labels?: Attributes): void;
}

export interface Measurement {
  readonly value: number;
  readonly labels?: Attributes;
}
