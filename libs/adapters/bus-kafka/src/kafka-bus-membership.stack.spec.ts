import { randomUUID } from 'node:crypto';
import type { ReceivedMessage } from '@atelier/ports';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { busOptions, createTopic, systemClock } from './kafka-bus.fixtures.js';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus.js';
import { UnknownTopicError } from './topic-offsets.js';

const TIMES = { sessionMs: 3_000, heartbeatMs: 100, fetchWaitMs: 100 };
const PATIENCE = { timeout: 20_000, interval: 10 };

describe('KafkaBus', { timeout: 40_000 }, () => {
  const { brokers } = inject('kafka');
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(ending.splice(0).map((end) => end()));
  });

  function openBus(rest: Partial<KafkaBusOptions> = {}): KafkaBus {
    const bus = new KafkaBus(busOptions(brokers, { times: TIMES, ...rest }));
    ending.push(() => bus.close(0));
    return bus;
  }

  async function openRawClient() {
    const client = new Kafka({ clientId: 'spec', brokers, logLevel: logLevel.NOTHING });
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const admin = client.admin();
    await Promise.all([producer.connect(), admin.connect()]);
    ending.push(() => Promise.all([producer.disconnect(), admin.disconnect()]));
    return { producer, admin };
  }

  const to = (topic: string, partition: number, value: string) => ({ topic, key: 'k', value, headers: {}, partition });
  const until = (condition: () => unknown) =>
    vi.waitFor(() => expect(condition(), `${condition}`).toBe(true), PATIENCE);

  describe('a handler that outlasts the session', () => {
    it('keeps its message, while the other partitions of its consumer flow', async () => {
      const topic = await createTopic(brokers, 2);
      const bus = openBus();
      const finished: string[] = [];
      let started = 0;
      const queue = { topic, group: randomUUID(), delivery: 'queue', concurrency: 2 } as const;
      await bus.subscribe(queue, async ({ value, partition }) => {
        started += 1;
        if (partition === 0 && value === 'long') await systemClock.sleep(TIMES.sessionMs + 1_000);
        finished.push(value);
      });
      await bus.publish([to(topic, 0, 'long'), to(topic, 0, 'behind it')]);
      await until(() => started === 1);
      for (const value of ['a', 'b', 'c']) {
        await bus.publish([to(topic, 1, value)]);
        await until(() => finished.at(-1) === value);
      }
      await until(() => finished.length === 5);
      expect(finished).toEqual(['a', 'b', 'c', 'long', 'behind it']);
      expect(started).toBe(5);
    });
  });

  describe('a second member that joins in the middle of the work', () => {
    it('is given a partition at rest, not the one with a message in hand', async () => {
      const topic = await createTopic(brokers, 2);
      const queue = { topic, group: randomUUID(), delivery: 'queue', concurrency: 2 } as const;
      for (const busyPartition of [0, 1]) {
        const release = Promise.withResolvers<void>();
        const first: string[] = [];
        const second: ReceivedMessage[] = [];
        const [busA, busB] = [openBus(), openBus()];
        let starts = 0;
        await busA.subscribe(queue, async ({ value }) => {
          starts += 1;
          await release.promise;
          first.push(value);
        });
        await busA.publish([to(topic, busyPartition, 'in hand')]);
        await until(() => starts === 1);
        await busB.subscribe(queue, async (message) => void second.push(message));
        await busA.publish([to(topic, 1 - busyPartition, 'for the other')]);
        await until(() => second.length === 1);
        release.resolve();
        await until(() => first.length === 1);
        expect(second[0]).toMatchObject({ partition: 1 - busyPartition, value: 'for the other' });
        await Promise.all([busA.close(), busB.close()]);
      }
    });

    it('does a message over whose partition had to move, and is not set back by its late end', async () => {
      const topic = await createTopic(brokers, 2);
      const queue = { topic, group: randomUUID(), delivery: 'queue', concurrency: 2 } as const;
      const release = Promise.withResolvers<void>();
      const late = Promise.withResolvers<void>();
      const second: string[] = [];
      const [busA, busB] = [openBus(), openBus()];
      let starts = 0;
      let ends = 0;
      await busA.subscribe(queue, async () => {
        starts += 1;
        await release.promise;
        ends += 1;
        if (ends === 2) late.resolve();
      });
      await busA.publish([to(topic, 0, 'p0'), to(topic, 1, 'p1')]);
      await until(() => starts === 2);
      await busB.subscribe(queue, async ({ value }) => void second.push(value));
      await until(() => second.length === 1);
      const moved = second[0] === 'p0' ? 0 : 1;
      await busA.publish([to(topic, moved, 'next')]);
      await until(() => second.length === 2);
      release.resolve();
      await late.promise;
      await Promise.all([busA.close(), busB.close()]);
      const third: string[] = [];
      await openBus().subscribe(queue, async ({ value }) => void third.push(value));
      await (await openRawClient()).producer.send({ topic, messages: [{ value: 'only this', partition: moved }] });
      await until(() => third.length > 0);
      expect(third).toEqual(['only this']);
    });
  });

  describe('consumers', () => {
    it('are shared by the subscriptions of a group that open together, and go on when one of them closes', async () => {
      const topics = await Promise.all([1, 2, 3].map(() => createTopic(brokers, 2)));
      const group = randomUUID();
      const bus = openBus();
      const received: string[] = [];
      const subscriptions = await Promise.all(
        topics.map((topic) =>
          bus.subscribe({ topic, group, delivery: 'queue' }, async ({ value }) => void received.push(value)),
        ),
      );
      const { admin } = await openRawClient();
      const { groups } = await admin.describeGroups([group]);
      expect(groups[0]?.members).toHaveLength(1);
      await bus.publish(topics.map((topic, n) => to(topic, n % 2, `first ${n}`)));
      await until(() => received.length === 3);
      await subscriptions[1]?.close();
      await bus.publish(topics.map((topic, n) => to(topic, n % 2, `second ${n}`)));
      await until(() => received.length === 5);
      expect(received.slice(3).sort()).toEqual(['second 0', 'second 2']);
    });

    it('of one group may read different topics', async () => {
      const topics = await Promise.all([1, 2].map(() => createTopic(brokers, 2)));
      const group = randomUUID();
      const received: string[] = [];
      for (const topic of topics) {
        await openBus().subscribe({ topic, group, delivery: 'queue' }, async ({ value }) => void received.push(value));
      }
      await openBus().publish(topics.flatMap((topic, n) => [0, 1].map((id) => to(topic, id, `${n}/${id}`))));
      await until(() => received.length === 4);
      expect(received.sort()).toEqual(['0/0', '0/1', '1/0', '1/1']);
    });

    it('leave no handled message uncommitted when the bus closes', async () => {
      const topic = await createTopic(brokers, 3);
      const group = randomUUID();
      const bus = openBus();
      let handled = 0;
      await bus.subscribe({ topic, group, delivery: 'queue', concurrency: 3 }, async () => {
        handled += 1;
      });
      await bus.publish(Array.from({ length: 300 }, (_, n) => to(topic, n % 3, String(n))));
      await until(() => handled === 300);
      await bus.close();
      const { admin } = await openRawClient();
      const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['100', '100', '100']);
    });

    it('refuse a topic that does not exist, at once', async () => {
      const bus = openBus();
      const topic = `missing-${randomUUID()}`;
      const queue = { topic, group: 'g', delivery: 'queue' } as const;
      await expect(bus.subscribe(queue, async () => undefined)).rejects.toThrow(UnknownTopicError);
      await expect(bus.publish([{ topic, key: 'k', value: 'x', headers: {} }])).rejects.toThrow(UnknownTopicError);
    });
  });

  it('hands what a foreign producer wrote to the handler as text, whatever it is', async () => {
    const topic = await createTopic(brokers, 1);
    const bus = openBus();
    const received: ReceivedMessage[] = [];
    await bus.subscribe(
      { topic, group: randomUUID(), delivery: 'queue' },
      async (message) => void received.push(message),
    );
    const { producer } = await openRawClient();
    await producer.send({
      topic,
      messages: [
        { key: null, value: null },
        {
          key: 'k',
          value: Buffer.from([0xff, 0xfe, 0x00]),
          headers: { twice: ['1', '2'], bytes: Buffer.from([0xc3]) },
        },
        { value: 'not JSON {' },
      ],
    });
    await until(() => received.length === 3);
    expect(received.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual([
      { key: null, value: '', headers: {} },
      { key: 'k', value: '\ufffd\ufffd\u0000', headers: { twice: '2', bytes: '\ufffd' } },
      { key: null, value: 'not JSON {', headers: {} },
    ]);
  });

  it('publishes a batch that is larger than the broker takes at once', async () => {
    const topic = await createTopic(brokers, 1);
    const bus = openBus();
    const received: number[] = [];
    await bus.subscribe({ topic, group: randomUUID(), delivery: 'queue' }, async ({ value }) => {
      received.push(Number.parseInt(value, 10));
    });
    const values = Array.from({ length: 12 }, (_, n) => `${n} ${'.'.repeat(300_000)}`);
    await bus.publish(values.map((value) => to(topic, 0, value)));
    await until(() => received.length === 12);
    expect(received).toEqual(values.map((_, n) => n));
  });

  it('tells what waits, what is handled and what keeps failing', async () => {
    const topic = await createTopic(brokers, 2);
    const group = randomUUID();
    const bus = openBus();
    const release = Promise.withResolvers<void>();
    await bus.subscribe({ topic, group, delivery: 'queue', concurrency: 2 }, async ({ partition, attempt }) => {
      if (partition === 1 && attempt < 4) throw new Error('not yet');
      await release.promise;
    });
    await bus.publish([to(topic, 0, 'a'), to(topic, 0, 'b'), to(topic, 0, 'c'), to(topic, 1, 'failing')]);
    const partitions = () => bus.health().subscriptions[0]?.partitions;
    await until(() => partitions()?.every(({ isHandling }) => isHandling) && partitions()?.[1]?.failures === 3);
    expect(bus.health()).toMatchObject({
      publisher: { queuedMessages: 0, oldestQueuedMs: 0, sentMessages: 4, failedMessages: 0 },
      subscriptions: [{ topic, group, delivery: 'queue', isMember: true }],
    });
    expect(partitions()).toEqual([
      { partition: 0, lag: 3, buffered: 3, isHandling: true, failures: 0 },
      { partition: 1, lag: 1, buffered: 1, isHandling: true, failures: 3 },
    ]);
    release.resolve();
    await until(() => partitions()?.every(({ lag }) => lag === 0));
  });
});
