import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C trace context, level 1: which request this work belongs to, and which step of it this is. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const storage = new AsyncLocalStorage<TraceContext>();

/** Null for a header that is missing, of an unknown version, or all zeros. */
export function parseTraceparent(header: string | null | undefined): TraceContext | null {
  const match = TRACEPARENT.exec(header ?? '');
  if (!match) return null;
  const [, traceId = '', spanId = '', flags = ''] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const formatTraceparent = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** A new step of the given trace, or the first step of a new one. */
export const childContext = (parent: TraceContext | null): TraceContext => ({
  traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
  sampled: parent?.sampled ?? true,
});

/** Runs `work` as a step of the trace that `header` names; a header that cannot be read starts a new trace. */
export const runInTrace = <T>(header: string | null | undefined, work: () => T): T =>
  storage.run(childContext(parseTraceparent(header)), work);

/** Runs `work` inside the very step that `traceparent` names, without a step of its own. */
export function runAsTrace<T>(traceparent: string, work: () => T): T {
  const trace = parseTraceparent(traceparent);
  return trace ? storage.run(trace, work) : work();
}

export const currentTrace = (): TraceContext | null => storage.getStore() ?? null;

/** What a message or an outbox row carries so that its handling belongs to the current trace. */
export function currentTraceparent(): string | null {
  const trace = storage.getStore();
  return trace ? formatTraceparent(trace) : null;
}
