import { Kafka, logLevel, type RetryOptions } from 'kafkajs';
import { type BusLog, logCreator } from './bus-log.js';
import { patchKafkajs } from './kafkajs-patches.js';

/**
 * A broker that is away is waited for: with kafkajs' default of five retries a consumer crashes and has to join its
 * group anew, and its old membership blocks the partitions until the session has run out. At most one try a second.
 */
export const RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
  retries: Number.MAX_SAFE_INTEGER,
};

export function createClient(brokers: readonly string[], clientId: string, log: BusLog): Kafka {
  patchKafkajs();
  return new Kafka({
    clientId,
    brokers: [...brokers],
    retry: RETRY,
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    logLevel: logLevel.WARN,
    logCreator: logCreator(log),
  });
}
