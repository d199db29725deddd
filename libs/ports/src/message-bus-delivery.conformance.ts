import { describe, expect, it } from 'vitest';
import { BusClosedError, MessageRejectedError } from './message-bus.port.js';
import { type MessageBusSuite, message } from './message-bus.suite.js';

/** Publishing, redelivery, order within a partition. */
export function deliveryConformance(suite: MessageBusSuite): void {
  describe('publishing', () => {
    it('delivers topic, key, value and headers exactly as they were given', async () => {
      const topic = await suite.harness.createTopic(1);
      const { received } = await suite.collect(suite.queue(topic));
      const value = JSON.stringify({ text: 'ein Apfel 苹果 \u0000 \u2028 🍎', nested: [1, null] });
      await suite.bus.publish([{ topic, key: 'gen_ä/1', value, headers: { ce_id: '7', note: 'größer 中' } }]);
      await suite.until(() => received.length === 1);
      expect(received[0]).toMatchObject({
        topic,
        partition: 0,
        key: 'gen_ä/1',
        value,
        headers: { ce_id: '7', note: 'größer 中' },
        attempt: 1,
      });
    });

    it('sends messages of one key to one partition and spreads keys over the partitions', async () => {
      const topic = await suite.harness.createTopic(4);
      const { received } = await suite.collect(suite.queue(topic));
      const keys = Array.from({ length: 64 }, (_, n) => `key-${n % 32}`);
      await suite.bus.publish(keys.map((key) => message(topic, key, 'x')));
      await suite.until(() => received.length === 64);
      const partitionsByKey = Map.groupBy(received, ({ key }) => key);
      for (const group of partitionsByKey.values()) expect(new Set(group.map((m) => m.partition)).size).toBe(1);
      expect(new Set(received.map(({ partition }) => partition)).size).toBe(4);
    });

    it('lets a named partition override the key', async () => {
      const topic = await suite.harness.createTopic(4);
      const { received } = await suite.collect(suite.queue(topic));
      await suite.bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'same', 'x'), partition })));
      await suite.until(() => received.length === 4);
      expect(received.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
    });

    it('rejects a partition that does not exist and publishes nothing of that batch', async () => {
      const topic = await suite.harness.createTopic(2);
      const { received } = await suite.collect(suite.queue(topic));
      const batch = [message(topic, 'a', 'lost'), { ...message(topic, 'b', 'lost'), partition: 2 }];
      await expect(suite.bus.publish(batch)).rejects.toThrow(MessageRejectedError);
      await suite.bus.publish([message(topic, 'a', 'kept'), message(topic, 'b', 'kept')]);
      await suite.until(() => received.length >= 2);
      expect(received.map(({ value }) => value)).toEqual(['kept', 'kept']);
    });

    it.runIf(suite.features.maxMessageBytes !== null)('rejects a message over the size limit', async () => {
      const topic = await suite.harness.createTopic(1);
      const value = 'x'.repeat((suite.features.maxMessageBytes ?? 0) + 1);
      await expect(suite.bus.publish([message(topic, 'a', value)])).rejects.toThrow(MessageRejectedError);
      await expect(suite.bus.publish([{ ...message(topic, 'a', ''), headers: { value } }])).rejects.toThrow(
        MessageRejectedError,
      );
    });

    it('rejects once the bus is closed', async () => {
      const topic = await suite.harness.createTopic(1);
      await suite.bus.close(0);
      await expect(suite.bus.publish([message(topic, 'a', 'x')])).rejects.toThrow(BusClosedError);
      await expect(suite.bus.subscribe(suite.queue(topic), async () => undefined)).rejects.toThrow(BusClosedError);
    });

    it('shares nothing between handlers', async () => {
      const topic = await suite.harness.createTopic(1);
      await suite.bus.subscribe(suite.queue(topic, 'vandals'), async (received) => {
        try {
          (received.headers as Record<string, string>).ce_id = 'changed';
        } catch {
          // A frozen message is as good as an own copy.
        }
      });
      const { received } = await suite.collect(suite.queue(topic, 'readers'));
      const outgoing = { ...message(topic, 'a', 'x'), headers: { ce_id: '1' } };
      await suite.bus.publish([outgoing]);
      outgoing.headers.ce_id = 'changed later';
      await suite.until(() => received.length === 1);
      expect(received[0]?.headers.ce_id).toBe('1');
    });
  });

  describe('redelivery', () => {
    it('repeats a message whose handler threw, and counts the attempts', async () => {
      const topic = await suite.harness.createTopic(1);
      const attempts: number[] = [];
      await suite.bus.subscribe(suite.queue(topic), async ({ attempt }) => {
        attempts.push(attempt);
        if (attempts.length < 3) throw new Error('not yet');
      });
      await suite.bus.publish([message(topic, 'a', 'x')]);
      await suite.until(() => attempts.length === 3);
      expect(attempts).toEqual([1, 2, 3]);
    });

    it('keeps the order of a partition while one of its messages is repeated', async () => {
      const topic = await suite.harness.createTopic(1);
      const handled: string[] = [];
      await suite.bus.subscribe(suite.queue(topic), async ({ value, attempt }) => {
        if (value === '1' && attempt < 3) throw new Error('not yet');
        handled.push(value);
      });
      await suite.bus.publish(['0', '1', '2', '3'].map((value) => message(topic, 'a', value)));
      await suite.until(() => handled.length === 4);
      expect(handled).toEqual(['0', '1', '2', '3']);
    });

    it('lets other partitions go on while one keeps failing', async () => {
      const topic = await suite.harness.createTopic(2);
      const handled: string[] = [];
      await suite.bus.subscribe(suite.queue(topic), async ({ partition, value }) => {
        if (partition === 0) throw new Error('poison');
        handled.push(value);
      });
      await suite.bus.publish([{ ...message(topic, 'p', 'poison'), partition: 0 }]);
      await suite.bus.publish(['a', 'b', 'c'].map((value) => ({ ...message(topic, 'k', value), partition: 1 })));
      await suite.until(() => handled.length === 3);
      expect(handled).toEqual(['a', 'b', 'c']);
    });

    it('gives a message to another member when its member left before the handler returned', async () => {
      const topic = await suite.harness.createTopic(1);
      const started = Promise.withResolvers<void>();
      const dying = await suite.bus.subscribe(suite.queue(topic), async () => {
        started.resolve();
        await new Promise(() => undefined);
      });
      await suite.bus.publish([message(topic, 'a', 'first'), message(topic, 'a', 'second')]);
      await started.promise;
      await dying.close(0);
      const { values, received } = await suite.collect(suite.queue(topic));
      await suite.until(() => received.length === 2);
      expect(values()).toEqual(['first', 'second']);
    });

    it('repeats nothing that was acknowledged', async () => {
      const topic = await suite.harness.createTopic(1);
      const first = await suite.collect(suite.queue(topic));
      await suite.bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
      await suite.until(() => first.received.length === 2);
      await first.subscription.close();
      const second = await suite.collect(suite.queue(topic));
      await suite.bus.publish([message(topic, 'a', '3')]);
      await suite.until(() => second.received.length > 0);
      expect(second.values()).toEqual(['3']);
    });
  });

  describe('order and concurrency', () => {
    it('hands the messages of a partition over one after the other, in publishing order', async () => {
      const topic = await suite.harness.createTopic(3);
      const running = new Map<number, number>();
      const seen = new Map<string, number[]>();
      let overlaps = 0;
      await suite.bus.subscribe(
        suite.queue(topic, 'workers', { concurrency: 3 }),
        async ({ partition, key, value }) => {
          running.set(partition, (running.get(partition) ?? 0) + 1);
          if (running.get(partition) !== 1) overlaps += 1;
          await new Promise((resolve) => setImmediate(resolve));
          seen.set(String(key), [...(seen.get(String(key)) ?? []), Number(value)]);
          running.set(partition, (running.get(partition) ?? 0) - 1);
        },
      );
      const sequence = Array.from({ length: 50 }, (_, n) => n);
      for (const n of sequence)
        await suite.bus.publish(['a', 'b', 'c', 'd'].map((key) => message(topic, key, String(n))));
      await suite.until(() => [...seen.values()].flat().length === 200);
      for (const key of ['a', 'b', 'c', 'd']) expect(seen.get(key)).toEqual(sequence);
      expect(overlaps).toBe(0);
    });

    it('handles as many partitions at once as `concurrency` says, and no more', async () => {
      const topic = await suite.harness.createTopic(4);
      const release = Promise.withResolvers<void>();
      let running = 0;
      let done = 0;
      let most = 0;
      await suite.bus.subscribe(suite.queue(topic, 'workers', { concurrency: 2 }), async () => {
        running += 1;
        most = Math.max(most, running);
        await release.promise;
        running -= 1;
        done += 1;
      });
      await suite.bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'k', 'x'), partition })));
      await suite.until(() => running === 2);
      release.resolve();
      await suite.until(() => done === 4);
      expect(most).toBe(2);
    });

    it('does not repeat a message while its handler works, and serves other groups meanwhile', async () => {
      const topic = await suite.harness.createTopic(1);
      const release = Promise.withResolvers<void>();
      let deliveries = 0;
      let finished = false;
      await suite.bus.subscribe(suite.queue(topic, 'slow'), async () => {
        deliveries += 1;
        await release.promise;
        finished = true;
      });
      const fast = await suite.collect(suite.queue(topic, 'fast'));
      for (let n = 0; n < 20; n += 1) await suite.bus.publish([message(topic, 'a', String(n))]);
      await suite.until(() => fast.received.length === 20);
      expect(deliveries).toBe(1);
      release.resolve();
      await suite.until(() => finished && deliveries === 20);
    });
  });
}
