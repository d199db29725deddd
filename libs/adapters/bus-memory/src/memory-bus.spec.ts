import { messageBusConformance } from '@atelier/ports/conformance';
import { FakeClock } from '@atelier/testing';
import { describe, expect, it, vi } from 'vitest';
import { MemoryBus } from './memory-bus.js';

const systemClock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

messageBusConformance(
  'memory',
  { retainsForLateGroups: true, maxMessageBytes: 1_000_000, deliveryTimeoutMs: 2_000 },
  async () => {
    const partitionCounts = new Map<string, number>();
    return {
      bus: new MemoryBus({
        clock: systemClock,
        redelivery: { initialMs: 1, maxMs: 5 },
        partitionsOf: (topic) => partitionCounts.get(topic) ?? 1,
      }),
      createTopic: async (partitions) => {
        const topic = `topic-${partitionCounts.size}`;
        partitionCounts.set(topic, partitions);
        return topic;
      },
    };
  },
);

const message = (topic: string, value: string) => ({ topic, key: 'k', value, headers: {} });

describe('MemoryBus', () => {
  it('takes the number of partitions from the topic catalogue', async () => {
    const bus = new MemoryBus({ clock: new FakeClock() });
    await bus.publish([{ ...message('denoising.requested.v1', 'x'), partition: 63 }]);
    await expect(bus.publish([{ ...message('scoring.requested.v1', 'x'), partition: 6 }])).rejects.toThrow(
      'partition 6 of 6',
    );
  });

  it('doubles the wait before each repetition, up to the maximum', async () => {
    const clock = new FakeClock();
    const bus = new MemoryBus({ clock, redelivery: { initialMs: 100, maxMs: 350 } });
    const deliveredAt: number[] = [];
    await bus.subscribe({ topic: 't', group: 'g', delivery: 'queue' }, async () => {
      deliveredAt.push(clock.monotonicMs());
      throw new Error('never');
    });
    await bus.publish([message('t', 'x')]);
    await vi.waitFor(() => expect(clock.sleeping).toBe(1));
    await clock.advance(1_000);
    expect(deliveredAt).toEqual([0, 100, 300, 650, 1_000]);
  });

  it('is not hurried out of the wait by messages that arrive meanwhile', async () => {
    const clock = new FakeClock();
    const bus = new MemoryBus({ clock, redelivery: { initialMs: 100, maxMs: 100 } });
    const deliveredAt: number[] = [];
    await bus.subscribe({ topic: 't', group: 'g', delivery: 'queue' }, async () => {
      deliveredAt.push(clock.monotonicMs());
      throw new Error('never');
    });
    await bus.publish([message('t', 'x')]);
    await vi.waitFor(() => expect(clock.sleeping).toBe(1));
    await bus.publish([message('t', 'y')]);
    await clock.advance(99);
    expect(deliveredAt).toEqual([0]);
    await clock.advance(1);
    expect(deliveredAt).toEqual([0, 100]);
  });

  it('forgets what every group has acknowledged', async () => {
    const bus = new MemoryBus({ clock: new FakeClock() });
    let handled = 0;
    await bus.subscribe({ topic: 't', group: 'early', delivery: 'queue' }, async () => {
      handled += 1;
    });
    for (let n = 0; n < 2_000; n += 1) await bus.publish([message('t', String(n))]);
    await vi.waitFor(() => expect(handled).toBe(2_000));
    const late: string[] = [];
    await bus.subscribe({ topic: 't', group: 'late', delivery: 'queue' }, async ({ value }) => void late.push(value));
    await bus.publish([message('t', 'new')]);
    await vi.waitFor(() => expect(late.length).toBeGreaterThan(0));
    expect(late).toEqual(['new']);
  });

  it('keeps the newest messages only while a topic has no queue group', async () => {
    const bus = new MemoryBus({ clock: new FakeClock(), retainedMessages: 3 });
    for (let n = 0; n < 1_000; n += 1) await bus.publish([message('t', String(n))]);
    const late: string[] = [];
    await bus.subscribe({ topic: 't', group: 'late', delivery: 'queue' }, async ({ value }) => void late.push(value));
    await vi.waitFor(() => expect(late.length).toBe(3));
    expect(late).toEqual(['997', '998', '999']);
  });

  it('lets timers run while messages keep following each other', async () => {
    const bus = new MemoryBus({ clock: new FakeClock() });
    let timerFired = false;
    const fired = new Promise<number>((resolve) => {
      let handled = 0;
      void bus.subscribe({ topic: 't', group: 'g', delivery: 'queue' }, async () => {
        handled += 1;
        if (timerFired) resolve(handled);
        else await bus.publish([message('t', 'again')]);
      });
    });
    setTimeout(() => {
      timerFired = true;
    }, 1);
    await bus.publish([message('t', 'first')]);
    expect(await fired).toBeGreaterThan(0);
  });
});
