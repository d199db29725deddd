import type { Telemetry } from '@atelier/ports';
import { childContext, formatTraceparent, parseTraceparent } from './trace-context.js';

const IGNORED = { add: () => undefined, record: () => undefined };

/** Carries trace ids on, so that logs and messages of one job still name one trace, and records nothing. */
export const SILENT_TELEMETRY: Telemetry = {
  startSpan: (_, { traceparent }) => ({
    traceparent: formatTraceparent(childContext(parseTraceparent(traceparent))),
    set: () => undefined,
    end: () => undefined,
  }),
  counter: () => IGNORED,
  histogram: () => IGNORED,
  gauge: () => undefined,
};
