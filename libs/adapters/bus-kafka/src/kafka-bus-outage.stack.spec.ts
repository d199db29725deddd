import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KafkaBroker, startKafka } from '../../../../tools/stack/kafka.mjs';
import { busOptions, createTopic, systemClock } from './kafka-bus.fixtures.js';
import { KafkaBus } from './kafka-bus.js';

const TIMES = { sessionMs: 6_000, heartbeatMs: 200, fetchWaitMs: 200 };
const PATIENCE = { timeout: 60_000, interval: 20 };

/** A broker of its own, because these specs take it away. */
describe('KafkaBus without its broker', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-outage-'));
  let broker: KafkaBroker;
  const buses: KafkaBus[] = [];

  beforeAll(async () => {
    broker = await startKafka({ dataDir: folder });
  });
  afterEach(async () => {
    if (!broker.isRunning) await broker.restart();
    await Promise.all(buses.splice(0).map((bus) => bus.close(0)));
  });
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function openBus(): KafkaBus {
    const bus = new KafkaBus(busOptions(broker.brokers, { times: TIMES }));
    buses.push(bus);
    return bus;
  }

  async function memberIds(group: string): Promise<string[]> {
    const admin = new Kafka({ clientId: 'spec', brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([group]);
    await admin.disconnect();
    return (groups[0]?.members ?? []).map(({ memberId }) => memberId).sort();
  }

  /** Counts every delivery, and every place in the log at which a value was written. */
  class Ledger {
    deliveries = 0;
    readonly places = new Map<string, Set<string>>();

    async read(topic: string): Promise<void> {
      const options = { topic, group: 'readers', delivery: 'queue', concurrency: 4 } as const;
      for (const bus of [openBus(), openBus()]) {
        await bus.subscribe(options, async ({ value, partition, offset }) => {
          await systemClock.sleep(5);
          this.deliveries += 1;
          const places = this.places.get(value) ?? new Set();
          this.places.set(value, places.add(`${partition}/${offset}`));
        });
      }
    }

    get writtenTwice(): string[] {
      return [...this.places].filter(([, places]) => places.size > 1).map(([value]) => value);
    }
  }

  async function publishSteadily(topic: string, count: number, onPublished: (n: number) => void): Promise<void> {
    const bus = openBus();
    const accepted: Promise<void>[] = [];
    for (let n = 0; n < count; n += 1) {
      accepted.push(bus.publish([{ topic, key: `key-${n % 16}`, value: String(n), headers: {} }]));
      onPublished(n);
      await systemClock.sleep(10);
    }
    await Promise.all(accepted);
  }

  it.each([
    { how: 'restarted in the orderly way', end: () => broker.stop() },
    { how: 'killed and restarted', end: () => broker.kill() },
  ])('loses nothing and writes nothing twice while the broker is $how under load', async ({ end }) => {
    const topic = await createTopic(broker.brokers, 4);
    const ledger = new Ledger();
    await ledger.read(topic);
    const membersBefore = await memberIds('readers');
    const count = 300;
    let outage: Promise<void> | undefined;
    await publishSteadily(topic, count, (n) => {
      if (n === 100) outage = end().then(() => broker.restart());
    });
    await outage;
    await vi.waitFor(() => expect(ledger.places.size).toBe(count), PATIENCE);
    expect(ledger.writtenTwice).toEqual([]);
    // At most what each partition had in hand at the time, for each of the two members.
    expect(ledger.deliveries - count).toBeLessThanOrEqual(8);
    // Had they come back as new members, they would have waited for the sessions of their former selves.
    expect(await memberIds('readers')).toEqual(membersBefore);
  });

  it('waits for a broker that holds its connections and answers nothing, and writes nothing twice', async () => {
    const topic = await createTopic(broker.brokers, 1);
    const ledger = new Ledger();
    await ledger.read(topic);
    const bus = openBus();
    await bus.publish([{ topic, key: 'k', value: 'before', headers: {} }]);
    broker.freeze();
    const values = ['1', '2', '3'];
    const published = bus.publish(values.map((value) => ({ topic, key: 'k', value, headers: {} })));
    // Longer than a request may take, so that it is sent again.
    await vi.waitFor(() => expect(bus.health().publisher.oldestQueuedMs).toBeGreaterThan(6_000), PATIENCE);
    broker.thaw();
    await published;
    await vi.waitFor(() => expect([...ledger.places.keys()]).toEqual(['before', ...values]), PATIENCE);
    expect(ledger.writtenTwice).toEqual([]);
  });

  it('waits for a broker that does not run yet, without keeping a core busy', async () => {
    const topic = await createTopic(broker.brokers, 1);
    await broker.stop();
    const received: string[] = [];
    const bus = openBus();
    const subscribed = bus.subscribe({ topic, group: 'early', delivery: 'queue' }, async ({ value }) => {
      received.push(value);
    });
    const published = bus.publish([{ topic, key: 'k', value: 'early', headers: {} }]);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await systemClock.sleep(3_000);
    const { user, system } = process.cpuUsage(cpuBefore);
    expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(0.15);
    await broker.restart();
    await Promise.all([subscribed, published]);
    await vi.waitFor(() => expect(received).toEqual(['early']), PATIENCE);
  });

  it('gives up at once what waits for a broker when it closes', async () => {
    const topic = await createTopic(broker.brokers, 1);
    await broker.kill();
    const bus = openBus();
    const waiting = [
      bus.subscribe({ topic, group: 'waiting', delivery: 'queue' }, async () => undefined),
      bus.subscribe({ topic, group: 'waiting', delivery: 'broadcast' }, async () => undefined),
      bus.publish([{ topic, key: 'k', value: 'unsent', headers: {} }]),
    ];
    const outcomes = Promise.allSettled(waiting);
    await bus.close(0);
    await broker.restart();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'BusClosedError' } });
    }
    expect(await memberIds('waiting')).toEqual([]);
  });

  it('closes within seconds while the broker is away', async () => {
    const topic = await createTopic(broker.brokers, 1);
    const bus = openBus();
    await bus.subscribe({ topic, group: 'leaving', delivery: 'queue' }, async () => undefined);
    await broker.kill();
    const unsent = bus.publish([{ topic, key: 'k', value: 'unsent', headers: {} }]);
    const rejected = expect(unsent).rejects.toThrow('the message bus is closed');
    const startedAt = performance.now();
    await bus.close(500);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await rejected;
  });
});
