import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BusClosedError,
  type MessageBus,
  MessageRejectedError,
  type OutgoingMessage,
  type ReceivedMessage,
  type SubscribeOptions,
} from './message-bus.port.js';

/** What an adapter's technology can do; every test of the suite runs unless a feature says it cannot. */
export interface MessageBusFeatures {
  /** Queue groups that open after the publishing still get what is kept. */
  readonly retainsForLateGroups: boolean;
  /** Largest message that is accepted, in bytes of value, key and headers. Null: no limit. */
  readonly maxMessageBytes: number | null;
  /** Longest time until an expected delivery, redelivery and rebalance included. */
  readonly deliveryTimeoutMs: number;
}

export interface MessageBusHarness {
  readonly bus: MessageBus;
  /** Creates a topic nobody used before. */
  createTopic(partitions: number): Promise<string>;
  dispose?(): Promise<void>;
}

/** The suite of the message-bus port. An adapter that passes it may carry Atelier's topics. */
export function messageBusConformance(
  adapter: string,
  features: MessageBusFeatures,
  createHarness: () => Promise<MessageBusHarness>,
): void {
  describe(`message bus: ${adapter}`, () => {
    let harness: MessageBusHarness;
    let bus: MessageBus;
    beforeEach(async () => {
      harness = await createHarness();
      bus = harness.bus;
    });
    afterEach(async () => {
      await bus.close(0);
      await harness.dispose?.();
    });

    const until = (condition: () => unknown) =>
      vi.waitFor(
        () => {
          if (!condition()) throw new Error(`still waiting for: ${condition}`);
        },
        { timeout: features.deliveryTimeoutMs, interval: 2 },
      );
    const queue = (topic: string, group = 'workers', rest: Partial<SubscribeOptions> = {}): SubscribeOptions => ({
      topic,
      group,
      delivery: 'queue',
      ...rest,
    });
    const collect = async (options: SubscribeOptions) => {
      const received: ReceivedMessage[] = [];
      const subscription = await bus.subscribe(options, async (message) => void received.push(message));
      return { received, subscription, values: () => received.map(({ value }) => value) };
    };

    describe('publishing', () => {
      it('delivers topic, key, value and headers exactly as they were given', async () => {
        const topic = await harness.createTopic(1);
        const { received } = await collect(queue(topic));
        const value = JSON.stringify({ text: 'ein Apfel 苹果 \u0000 \u2028 🍎', nested: [1, null] });
        await bus.publish([{ topic, key: 'gen_ä/1', value, headers: { ce_id: '7', note: 'größer 中' } }]);
        await until(() => received.length === 1);
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
        const topic = await harness.createTopic(4);
        const { received } = await collect(queue(topic));
        const keys = Array.from({ length: 64 }, (_, n) => `key-${n % 32}`);
        await bus.publish(keys.map((key) => message(topic, key, 'x')));
        await until(() => received.length === 64);
        const partitionsByKey = Map.groupBy(received, ({ key }) => key);
        for (const group of partitionsByKey.values()) expect(new Set(group.map((m) => m.partition)).size).toBe(1);
        expect(new Set(received.map(({ partition }) => partition)).size).toBe(4);
      });

      it('lets a named partition override the key', async () => {
        const topic = await harness.createTopic(4);
        const { received } = await collect(queue(topic));
        await bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'same', 'x'), partition })));
        await until(() => received.length === 4);
        expect(received.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
      });

      it('rejects a partition that does not exist and publishes nothing of that batch', async () => {
        const topic = await harness.createTopic(2);
        const { received } = await collect(queue(topic));
        const batch = [message(topic, 'a', 'lost'), { ...message(topic, 'b', 'lost'), partition: 2 }];
        await expect(bus.publish(batch)).rejects.toThrow(MessageRejectedError);
        await bus.publish([message(topic, 'a', 'kept'), message(topic, 'b', 'kept')]);
        await until(() => received.length >= 2);
        expect(received.map(({ value }) => value)).toEqual(['kept', 'kept']);
      });

      it.runIf(features.maxMessageBytes !== null)('rejects a message over the size limit', async () => {
        const topic = await harness.createTopic(1);
        const value = 'x'.repeat((features.maxMessageBytes ?? 0) + 1);
        await expect(bus.publish([message(topic, 'a', value)])).rejects.toThrow(MessageRejectedError);
        await expect(bus.publish([{ ...message(topic, 'a', ''), headers: { value } }])).rejects.toThrow(
          MessageRejectedError,
        );
      });

      it('rejects once the bus is closed', async () => {
        const topic = await harness.createTopic(1);
        await bus.close(0);
        await expect(bus.publish([message(topic, 'a', 'x')])).rejects.toThrow(BusClosedError);
        await expect(bus.subscribe(queue(topic), async () => undefined)).rejects.toThrow(BusClosedError);
      });

      it('shares nothing between handlers', async () => {
        const topic = await harness.createTopic(1);
        await bus.subscribe(queue(topic, 'vandals'), async (received) => {
          try {
            (received.headers as Record<string, string>).ce_id = 'changed';
          } catch {
            // A frozen message is as good as an own copy.
          }
        });
        const { received } = await collect(queue(topic, 'readers'));
        const outgoing = { ...message(topic, 'a', 'x'), headers: { ce_id: '1' } };
        await bus.publish([outgoing]);
        outgoing.headers.ce_id = 'changed later';
        await until(() => received.length === 1);
        expect(received[0]?.headers.ce_id).toBe('1');
      });
    });

    describe('redelivery', () => {
      it('repeats a message whose handler threw, and counts the attempts', async () => {
        const topic = await harness.createTopic(1);
        const attempts: number[] = [];
        await bus.subscribe(queue(topic), async ({ attempt }) => {
          attempts.push(attempt);
          if (attempts.length < 3) throw new Error('not yet');
        });
        await bus.publish([message(topic, 'a', 'x')]);
        await until(() => attempts.length === 3);
        expect(attempts).toEqual([1, 2, 3]);
      });

      it('keeps the order of a partition while one of its messages is repeated', async () => {
        const topic = await harness.createTopic(1);
        const handled: string[] = [];
        await bus.subscribe(queue(topic), async ({ value, attempt }) => {
          if (value === '1' && attempt < 3) throw new Error('not yet');
          handled.push(value);
        });
        await bus.publish(['0', '1', '2', '3'].map((value) => message(topic, 'a', value)));
        await until(() => handled.length === 4);
        expect(handled).toEqual(['0', '1', '2', '3']);
      });

      it('lets other partitions go on while one keeps failing', async () => {
        const topic = await harness.createTopic(2);
        const handled: string[] = [];
        await bus.subscribe(queue(topic), async ({ partition, value }) => {
          if (partition === 0) throw new Error('poison');
          handled.push(value);
        });
        await bus.publish([{ ...message(topic, 'p', 'poison'), partition: 0 }]);
        await bus.publish(['a', 'b', 'c'].map((value) => ({ ...message(topic, 'k', value), partition: 1 })));
        await until(() => handled.length === 3);
        expect(handled).toEqual(['a', 'b', 'c']);
      });

      it('gives a message to another member when its member left before the handler returned', async () => {
        const topic = await harness.createTopic(1);
        const started = Promise.withResolvers<void>();
        const dying = await bus.subscribe(queue(topic), async () => {
          started.resolve();
          await new Promise(() => undefined);
        });
        await bus.publish([message(topic, 'a', 'first'), message(topic, 'a', 'second')]);
        await started.promise;
        await dying.close(0);
        const { values, received } = await collect(queue(topic));
        await until(() => received.length === 2);
        expect(values()).toEqual(['first', 'second']);
      });

      it('repeats nothing that was acknowledged', async () => {
        const topic = await harness.createTopic(1);
        const first = await collect(queue(topic));
        await bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
        await until(() => first.received.length === 2);
        await first.subscription.close();
        const second = await collect(queue(topic));
        await bus.publish([message(topic, 'a', '3')]);
        await until(() => second.received.length > 0);
        expect(second.values()).toEqual(['3']);
      });
    });

    describe('order and concurrency', () => {
      it('hands the messages of a partition over one after the other, in publishing order', async () => {
        const topic = await harness.createTopic(3);
        const running = new Map<number, number>();
        const seen = new Map<string, number[]>();
        let overlaps = 0;
        await bus.subscribe(queue(topic, 'workers', { concurrency: 3 }), async ({ partition, key, value }) => {
          running.set(partition, (running.get(partition) ?? 0) + 1);
          if (running.get(partition) !== 1) overlaps += 1;
          await new Promise((resolve) => setImmediate(resolve));
          seen.set(String(key), [...(seen.get(String(key)) ?? []), Number(value)]);
          running.set(partition, (running.get(partition) ?? 0) - 1);
        });
        const sequence = Array.from({ length: 50 }, (_, n) => n);
        for (const n of sequence) await bus.publish(['a', 'b', 'c', 'd'].map((key) => message(topic, key, String(n))));
        await until(() => [...seen.values()].flat().length === 200);
        for (const key of ['a', 'b', 'c', 'd']) expect(seen.get(key)).toEqual(sequence);
        expect(overlaps).toBe(0);
      });

      it('handles as many partitions at once as `concurrency` says, and no more', async () => {
        const topic = await harness.createTopic(4);
        const release = Promise.withResolvers<void>();
        let running = 0;
        let done = 0;
        let most = 0;
        await bus.subscribe(queue(topic, 'workers', { concurrency: 2 }), async () => {
          running += 1;
          most = Math.max(most, running);
          await release.promise;
          running -= 1;
          done += 1;
        });
        await bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'k', 'x'), partition })));
        await until(() => running === 2);
        release.resolve();
        await until(() => done === 4);
        expect(most).toBe(2);
      });

      it('does not repeat a message while its handler works, and serves other groups meanwhile', async () => {
        const topic = await harness.createTopic(1);
        const release = Promise.withResolvers<void>();
        let deliveries = 0;
        let finished = false;
        await bus.subscribe(queue(topic, 'slow'), async () => {
          deliveries += 1;
          await release.promise;
          finished = true;
        });
        const fast = await collect(queue(topic, 'fast'));
        for (let n = 0; n < 20; n += 1) await bus.publish([message(topic, 'a', String(n))]);
        await until(() => fast.received.length === 20);
        expect(deliveries).toBe(1);
        release.resolve();
        await until(() => finished && deliveries === 20);
      });
    });

    describe('groups', () => {
      it('gives each message to one member of a group, and to every group', async () => {
        const topic = await harness.createTopic(6);
        const members = [await collect(queue(topic, 'a')), await collect(queue(topic, 'a'))];
        const other = await collect(queue(topic, 'b'));
        const values = Array.from({ length: 60 }, (_, n) => String(n));
        await bus.publish(values.map((value) => message(topic, `key-${value}`, value)));
        const inA = () => members.flatMap((member) => member.values());
        await until(() => inA().length >= 60 && other.received.length >= 60);
        expect(inA().sort()).toEqual([...values].sort());
        expect(other.values().sort()).toEqual([...values].sort());
        for (const member of members) expect(member.received.length).toBeGreaterThan(0);
      });

      it('moves the partitions of a member that left to the others', async () => {
        const topic = await harness.createTopic(4);
        const leaving = await collect(queue(topic));
        const staying = await collect(queue(topic));
        await leaving.subscription.close();
        const before = leaving.received.length;
        await bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'k', 'x'), partition })));
        await until(() => staying.received.length === 4);
        expect(leaving.received.length).toBe(before);
      });

      it.runIf(features.retainsForLateGroups)('gives a group that opens late what is kept', async () => {
        const topic = await harness.createTopic(2);
        await bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
        const late = await collect(queue(topic));
        await until(() => late.received.length === 2);
        expect(late.values()).toEqual(['1', '2']);
      });

      it('keeps the messages of a group whose members are all gone', async () => {
        const topic = await harness.createTopic(1);
        const first = await collect(queue(topic));
        await first.subscription.close();
        await bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
        const second = await collect(queue(topic));
        await until(() => second.received.length === 2);
        expect(second.values()).toEqual(['1', '2']);
      });

      it('reaches every broadcast subscription, even of one group, with what came after it opened', async () => {
        const topic = await harness.createTopic(1);
        await bus.publish([message(topic, 'a', 'before')]);
        const broadcast = { topic, group: 'workers', delivery: 'broadcast' } as const;
        const both = [await collect(broadcast), await collect(broadcast)];
        await bus.publish([message(topic, 'a', 'after')]);
        await until(() => both.every(({ received }) => received.length > 0));
        for (const { values } of both) expect(values()).toEqual(['after']);
      });
    });

    describe('directed slots', () => {
      it('give a subscription its own partitions only, and no other member those', async () => {
        const topic = await harness.createTopic(3);
        const slots = await Promise.all([0, 1, 2].map((n) => collect(queue(topic, 'slots', { partitions: [n] }))));
        await bus.publish(
          [0, 1, 2, 1, 1].map((partition, n) => ({ ...message(topic, 'k', `${partition}:${n}`), partition })),
        );
        await until(() => slots.flatMap(({ received }) => received).length === 5);
        expect(slots.map(({ values }) => values())).toEqual([['0:0'], ['1:1', '1:3', '1:4'], ['2:2']]);
      });

      it('keep the messages of an unowned slot until it has an owner', async () => {
        const topic = await harness.createTopic(2);
        const owned = await collect(queue(topic, 'slots', { partitions: [0] }));
        await bus.publish([1, 0].map((partition) => ({ ...message(topic, 'k', String(partition)), partition })));
        await until(() => owned.received.length === 1);
        const owner = await collect(queue(topic, 'slots', { partitions: [1] }));
        await until(() => owner.received.length === 1);
        expect(owned.values()).toEqual(['0']);
        expect(owner.values()).toEqual(['1']);
      });
    });

    describe('pausing and closing', () => {
      it('fetches nothing while paused, lets the running handler end, and goes on at `resume`', async () => {
        const topic = await harness.createTopic(1);
        const handled: string[] = [];
        const started = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        const subscription = await bus.subscribe(queue(topic), async ({ value }) => {
          started.resolve();
          await release.promise;
          handled.push(value);
        });
        const witness = await collect(queue(topic, 'witness'));
        await bus.publish([message(topic, 'a', '1')]);
        await started.promise;
        subscription.pause();
        release.resolve();
        await bus.publish([message(topic, 'a', '2')]);
        await until(() => witness.received.length === 2);
        await until(() => handled.length === 1);
        expect(handled).toEqual(['1']);
        subscription.resume();
        await until(() => handled.length === 2);
        expect(handled).toEqual(['1', '2']);
      });

      it('waits for running handlers before `close` resolves, and acknowledges what they finished', async () => {
        const topic = await harness.createTopic(1);
        const started = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        const handled: string[] = [];
        const subscription = await bus.subscribe(queue(topic), async ({ value }, { signal }) => {
          started.resolve();
          await release.promise;
          if (!signal.aborted) handled.push(value);
        });
        await bus.publish([message(topic, 'a', '1')]);
        await started.promise;
        const closing = subscription.close(features.deliveryTimeoutMs);
        release.resolve();
        await closing;
        expect(handled).toEqual(['1']);
        const next = await collect(queue(topic));
        await bus.publish([message(topic, 'a', '2')]);
        await until(() => next.received.length > 0);
        expect(next.values()).toEqual(['2']);
      });

      it('aborts the signal of handlers that outlast the drain time', async () => {
        const topic = await harness.createTopic(1);
        const started = Promise.withResolvers<AbortSignal>();
        await bus.subscribe(queue(topic), async (_, { signal }) => {
          started.resolve(signal);
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        });
        await bus.publish([message(topic, 'a', '1')]);
        const signal = await started.promise;
        await bus.close(0);
        expect(signal.aborted).toBe(true);
      });
    });
  });
}

const message = (topic: string, key: string, value: string): OutgoingMessage => ({ topic, key, value, headers: {} });
