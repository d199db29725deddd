import { describe, expect, it } from 'vitest';
import { type MessageBusSuite, message } from './message-bus.suite.js';

/** Who gets what: groups, broadcasts, directed slots, pausing and closing. */
export function groupsConformance(suite: MessageBusSuite): void {
  describe('groups', () => {
    it('gives each message to one member of a group, and to every group', async () => {
      const topic = await suite.harness.createTopic(6);
      const members = [await suite.collect(suite.queue(topic, 'a')), await suite.collect(suite.queue(topic, 'a'))];
      const other = await suite.collect(suite.queue(topic, 'b'));
      const values = Array.from({ length: 60 }, (_, n) => String(n));
      await suite.bus.publish(values.map((value) => message(topic, `key-${value}`, value)));
      const inA = () => members.flatMap((member) => member.values());
      await suite.until(() => inA().length >= 60 && other.received.length >= 60);
      expect(inA().sort()).toEqual([...values].sort());
      expect(other.values().sort()).toEqual([...values].sort());
      for (const member of members) expect(member.received.length).toBeGreaterThan(0);
    });

    it('moves the partitions of a member that left to the others', async () => {
      const topic = await suite.harness.createTopic(4);
      const leaving = await suite.collect(suite.queue(topic));
      const staying = await suite.collect(suite.queue(topic));
      await leaving.subscription.close();
      const before = leaving.received.length;
      await suite.bus.publish([0, 1, 2, 3].map((partition) => ({ ...message(topic, 'k', 'x'), partition })));
      await suite.until(() => staying.received.length === 4);
      expect(leaving.received.length).toBe(before);
    });

    it.runIf(suite.features.retainsForLateGroups)('gives a group that opens late what is kept', async () => {
      const topic = await suite.harness.createTopic(2);
      await suite.bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
      const late = await suite.collect(suite.queue(topic));
      await suite.until(() => late.received.length === 2);
      expect(late.values()).toEqual(['1', '2']);
    });

    it('keeps the messages of a group whose members are all gone', async () => {
      const topic = await suite.harness.createTopic(1);
      const first = await suite.collect(suite.queue(topic));
      await first.subscription.close();
      await suite.bus.publish([message(topic, 'a', '1'), message(topic, 'a', '2')]);
      const second = await suite.collect(suite.queue(topic));
      await suite.until(() => second.received.length === 2);
      expect(second.values()).toEqual(['1', '2']);
    });

    it('reaches every broadcast subscription, even of one group, with what came after it opened', async () => {
      const topic = await suite.harness.createTopic(1);
      await suite.bus.publish([message(topic, 'a', 'before')]);
      const broadcast = { topic, group: 'workers', delivery: 'broadcast' } as const;
      const both = [await suite.collect(broadcast), await suite.collect(broadcast)];
      await suite.bus.publish([message(topic, 'a', 'after')]);
      await suite.until(() => both.every(({ received }) => received.length > 0));
      for (const { values } of both) expect(values()).toEqual(['after']);
    });
  });

  describe('directed slots', () => {
    it('give a subscription its own partitions only, and no other member those', async () => {
      const topic = await suite.harness.createTopic(3);
      const slots = await Promise.all(
        [0, 1, 2].map((n) => suite.collect(suite.queue(topic, 'slots', { partitions: [n] }))),
      );
      await suite.bus.publish(
        [0, 1, 2, 1, 1].map((partition, n) => ({ ...message(topic, 'k', `${partition}:${n}`), partition })),
      );
      await suite.until(() => slots.flatMap(({ received }) => received).length === 5);
      expect(slots.map(({ values }) => values())).toEqual([['0:0'], ['1:1', '1:3', '1:4'], ['2:2']]);
    });

    it('keep the messages of an unowned slot until it has an owner', async () => {
      const topic = await suite.harness.createTopic(2);
      const owned = await suite.collect(suite.queue(topic, 'slots', { partitions: [0] }));
      await suite.bus.publish([1, 0].map((partition) => ({ ...message(topic, 'k', String(partition)), partition })));
      await suite.until(() => owned.received.length === 1);
      const owner = await suite.collect(suite.queue(topic, 'slots', { partitions: [1] }));
      await suite.until(() => owner.received.length === 1);
      expect(owned.values()).toEqual(['0']);
      expect(owner.values()).toEqual(['1']);
    });

    it('belong to the highest claim, whoever came first, and pass on when it leaves', async () => {
      const topic = await suite.harness.createTopic(1);
      const slot = (claim: number) => suite.collect(suite.queue(topic, 'slots', { partitions: [0], claim }));
      const [second, third, first] = [await slot(2), await slot(3), await slot(1)];
      await suite.bus.publish([{ ...message(topic, 'k', 'to the third'), partition: 0 }]);
      await suite.until(() => third.received.length === 1);
      await third.subscription.close();
      await suite.bus.publish([{ ...message(topic, 'k', 'to the second'), partition: 0 }]);
      await suite.until(() => second.received.length === 1);
      expect([first, second, third].map(({ values }) => values())).toEqual([[], ['to the second'], ['to the third']]);
    });
  });

  describe('pausing and closing', () => {
    it('fetches nothing while paused, lets the running handler end, and goes on at `resume`', async () => {
      const topic = await suite.harness.createTopic(1);
      const handled: string[] = [];
      const started = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const subscription = await suite.bus.subscribe(suite.queue(topic), async ({ value }) => {
        started.resolve();
        await release.promise;
        handled.push(value);
      });
      const witness = await suite.collect(suite.queue(topic, 'witness'));
      await suite.bus.publish([message(topic, 'a', '1')]);
      await started.promise;
      subscription.pause();
      release.resolve();
      await suite.bus.publish([message(topic, 'a', '2')]);
      await suite.until(() => witness.received.length === 2);
      await suite.until(() => handled.length === 1);
      expect(handled).toEqual(['1']);
      subscription.resume();
      await suite.until(() => handled.length === 2);
      expect(handled).toEqual(['1', '2']);
    });

    it('waits for running handlers before `close` resolves, and acknowledges what they finished', async () => {
      const topic = await suite.harness.createTopic(1);
      const started = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const handled: string[] = [];
      const subscription = await suite.bus.subscribe(suite.queue(topic), async ({ value }, { signal }) => {
        started.resolve();
        await release.promise;
        if (!signal.aborted) handled.push(value);
      });
      await suite.bus.publish([message(topic, 'a', '1')]);
      await started.promise;
      const closing = subscription.close(suite.features.deliveryTimeoutMs);
      release.resolve();
      await closing;
      expect(handled).toEqual(['1']);
      const next = await suite.collect(suite.queue(topic));
      await suite.bus.publish([message(topic, 'a', '2')]);
      await suite.until(() => next.received.length > 0);
      expect(next.values()).toEqual(['2']);
    });

    it('aborts the signal of handlers that outlast the drain time', async () => {
      const topic = await suite.harness.createTopic(1);
      const started = Promise.withResolvers<AbortSignal>();
      await suite.bus.subscribe(suite.queue(topic), async (_, { signal }) => {
        started.resolve(signal);
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      });
      await suite.bus.publish([message(topic, 'a', '1')]);
      const signal = await started.promise;
      await suite.bus.close(0);
      expect(signal.aborted).toBe(true);
    });
  });
}
