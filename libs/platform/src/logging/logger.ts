import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentTrace } from '../tracing/trace-context.js';
import { withoutPrivateFields } from './private-fields.js';

export type { Logger } from 'pino';

/** Ids that every line logged during a piece of work carries. */
export interface LogContext {
  /** A job is a generation. */
  readonly jobId?: string;
  readonly runId?: string;
  readonly requestId?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Adds ids to every line that `work` logs, however deep. */
export const withLogContext = <T>(context: LogContext, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...context }, work);

export interface LoggerOptions {
  readonly level: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Who logs: the process or its part. */
  readonly name: string;
  /** @default standard error, so that standard output stays for results */
  readonly destination?: DestinationStream;
}

/** JSON lines with the ids of job, run and trace. Prompts, captions and secrets never reach a line. */
export function createLogger({ level, name, destination = pino.destination(2) }: LoggerOptions): Logger {
  return pino(
    {
      level,
      name,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutPrivateFields(fields) as Record<string, unknown>,
      },
      mixin() {
        const trace = currentTrace();
        return { ...storage.getStore(), ...(trace ? { traceId: trace.traceId, spanId: trace.spanId } : {}) };
      },
    },
    destination,
  );
}
