import { withLogContext } from '../logging/logger.js';
import { runInTrace } from '../tracing/trace-context.js';
import type { Middleware } from './consume.js';

/** Continues the trace of the message's `traceparent`, and names the job in every line logged meanwhile. */
export const trace = (): Middleware => (next) => (delivery) => {
  const { headers, key } = delivery.message;
  return runInTrace(headers.traceparent, () => {
    if (!key?.startsWith('gen_')) return next(delivery);
    return withLogContext({ jobId: key }, () => next(delivery));
  });
};
