import { randomUUID } from 'node:crypto';
import type { Clock } from '@atelier/ports';
import type {} from '../../../../tools/stack/vitest-stack.mjs';
import { ensureTopics } from './ensure-topics.js';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus.js';

/** Real time, because a broker keeps its own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** Members notice a rebalance within a tenth of a second, so that the suite need not wait for them. */
export const QUICK = { sessionMs: 6_000, heartbeatMs: 100, fetchWaitMs: 100 };

export const busOptions = (brokers: readonly string[], rest: Partial<KafkaBusOptions> = {}): KafkaBusOptions => ({
  brokers,
  clientId: 'spec',
  clock: systemClock,
  onFatal: (error) => {
    throw error;
  },
  redelivery: { initialMs: 1, maxMs: 20 },
  times: QUICK,
  ...rest,
});

export async function createTopic(brokers: readonly string[], partitions: number): Promise<string> {
  const name = `spec-${randomUUID()}`;
  await ensureTopics({ brokers, clientId: 'spec', topics: [{ name, partitions, retentionMs: 3_600_000 }] });
  return name;
}

export const openTestBus = (brokers: readonly string[], rest: Partial<KafkaBusOptions> = {}) => ({
  bus: new KafkaBus(busOptions(brokers, rest)),
  createTopic: (partitions: number) => createTopic(brokers, partitions),
});
