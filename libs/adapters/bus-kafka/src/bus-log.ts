import { type LogEntry, logLevel } from 'kafkajs';

/** The part of a structured logger (pino's shape) that the bus writes to. */
export interface BusLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** kafkajs calls these errors, though they are how a broker says "not yet" and are retried. */
const EXPECTED =
  /coordinator is loading|coordinator is not available|concurrent operation|not the leader for|no leader for|not the correct coordinator|rebalanc|Restarting the consumer/i;

const REPEAT_AFTER_MS = 30_000;

/**
 * What the client writes at INFO is a line per rebalance and pause, and while a broker is away it writes several
 * errors with every try: the first of each kind is a warning, then one every half minute; the rest is for debugging.
 */
export const logCreator = (log: BusLog) => () => {
  const warnedAt = new Map<string, number>();
  return (entry: LogEntry) => {
    const { message, timestamp: _, logger: __, ...rest } = entry.log;
    const fields = { ...rest, kafka: entry.namespace };
    const isExpected = entry.level !== logLevel.ERROR || EXPECTED.test(`${message} ${String(rest.error ?? '')}`);
    const isRepeated = Date.now() - (warnedAt.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS;
    if (isExpected || isRepeated) return log.debug(fields, message);
    if (warnedAt.size > 100) warnedAt.clear();
    warnedAt.set(message, Date.now());
    log.warn(fields, message);
  };
};

const ignore = () => undefined;
export const silentLog: BusLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
