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
  /coordinator is loading|coordinator is not available|concurrent operation|no leader for this topic-partition|rebalanc/i;

/** What the client writes at INFO is one line per rebalance and pause: too much for a service's own INFO. */
export const logCreator = (log: BusLog) => () => (entry: LogEntry) => {
  const { message, timestamp: _, logger: __, ...rest } = entry.log;
  const fields = { ...rest, kafka: entry.namespace };
  const text = `${message} ${String(rest.error ?? '')}`;
  if (entry.level === logLevel.ERROR && !EXPECTED.test(text)) log.warn(fields, message);
  else log.debug(fields, message);
};

const ignore = () => undefined;
export const silentLog: BusLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
