import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { busOptions, createTopic } from './kafka-bus.fixtures.js';
import { KafkaBus } from './kafka-bus.js';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const TIMES = { sessionMs: 3_000, heartbeatMs: 200, fetchWaitMs: 200 };
const GROUP = 'denoising';
const PATIENCE = { timeout: 20_000, interval: 20 };

interface Told {
  readonly event: 'subscribed' | 'started' | 'finished' | 'interrupted';
  readonly value?: string;
}

/** The owner of slot 0 in a process that can be stopped as a whole. */
class SlotOwner {
  readonly told: Told[] = [];

  constructor(readonly child: ChildProcess) {
    child.on('message', (message) => void this.told.push(message as Told));
  }

  values(event: Told['event']): (string | undefined)[] {
    return this.told.filter((one) => one.event === event).map(({ value }) => value);
  }

  async until(event: Told['event'], value?: string): Promise<void> {
    await vi.waitFor(() => {
      if (!this.told.some((one) => one.event === event && one.value === value)) throw new Error(`no ${event} ${value}`);
    }, PATIENCE);
  }
}

describe('a slot owner that is stopped and continued', { timeout: 60_000 }, () => {
  const { brokers } = inject('kafka');
  const ending: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    await promisify(execFile)(process.execPath, [path.join(typescript, 'bin', 'tsc'), '-b', PACKAGE]);
  });
  afterEach(async () => {
    await Promise.all(ending.splice(0).map((end) => end()));
  });

  function openBus(): KafkaBus {
    const bus = new KafkaBus(busOptions(brokers, { times: TIMES }));
    ending.push(() => bus.close(0));
    return bus;
  }

  async function startOwner(topic: string, handlerMs: number): Promise<SlotOwner> {
    const config = { brokers, topic, group: GROUP, claim: 1, handlerMs, times: TIMES };
    const child = fork(path.join(PACKAGE, 'scripts', 'slot-worker.mjs'), [JSON.stringify(config)], { execArgv: [] });
    ending.push(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const owner = new SlotOwner(child);
    await owner.until('subscribed');
    return owner;
  }

  /** Members of the slot's group as the broker sees them. */
  async function waitUntilExpelled(topic: string): Promise<void> {
    const admin = new Kafka({ clientId: 'spec', brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      await vi.waitFor(async () => {
        const { groups } = await admin.describeGroups([`${GROUP}.${topic}.slot-0`]);
        expect(groups[0]?.members).toEqual([]);
      }, PATIENCE);
    } finally {
      await admin.disconnect();
    }
  }

  const toSlot = (topic: string, values: readonly string[]) =>
    values.map((value) => ({ topic, key: 'k', value, headers: {}, partition: 0 }));

  it('goes on with the message in hand when nobody took its slot, and repeats nothing', async () => {
    const topic = await createTopic(brokers, 1);
    const owner = await startOwner(topic, 1_500);
    const bus = openBus();
    await bus.publish(toSlot(topic, ['1', '2']));
    await owner.until('started', '1');
    owner.child.kill('SIGSTOP');
    await waitUntilExpelled(topic);
    owner.child.kill('SIGCONT');
    await owner.until('finished', '2');
    expect(owner.values('started')).toEqual(['1', '2']);
    expect(owner.values('interrupted')).toEqual([]);
  });

  it('starts on nothing more when its slot was given to another claim meanwhile', async () => {
    const topic = await createTopic(brokers, 1);
    const owner = await startOwner(topic, 1_500);
    const bus = openBus();
    await bus.publish(toSlot(topic, ['1', '2', '3']));
    await owner.until('started', '1');
    owner.child.kill('SIGSTOP');
    const handled: string[] = [];
    const slot = { topic, group: GROUP, delivery: 'queue', partitions: [0], claim: 2 } as const;
    await bus.subscribe(slot, async ({ value }) => void handled.push(value));
    await vi.waitFor(() => expect(handled).toEqual(['1', '2', '3']), PATIENCE);
    owner.child.kill('SIGCONT');
    // Whatever the old owner had in hand is over now, one way or the other; it had 2 and 3 fetched already.
    await vi.waitFor(() => expect(owner.told.at(-1)?.event).toMatch(/finished|interrupted/), PATIENCE);
    await bus.publish(toSlot(topic, ['4']));
    await vi.waitFor(() => expect(handled).toEqual(['1', '2', '3', '4']), PATIENCE);
    expect(owner.values('started')).toEqual(['1']);
  });

  it('interrupts a handler whose message another claim has handled', async () => {
    const topic = await createTopic(brokers, 1);
    const owner = await startOwner(topic, 60_000);
    const bus = openBus();
    await bus.publish(toSlot(topic, ['1']));
    await owner.until('started', '1');
    owner.child.kill('SIGSTOP');
    const handled: string[] = [];
    const slot = { topic, group: GROUP, delivery: 'queue', partitions: [0], claim: 2 } as const;
    await bus.subscribe(slot, async ({ value }) => void handled.push(value));
    await vi.waitFor(() => expect(handled).toEqual(['1']), PATIENCE);
    owner.child.kill('SIGCONT');
    await owner.until('interrupted', '1');
  });

  it('ends its process when it cannot join its group again', async () => {
    const topic = await createTopic(brokers, 1);
    const owner = await startOwner(topic, 1_500);
    owner.child.kill('SIGSTOP');
    await waitUntilExpelled(topic);
    // A member that assigns in another way makes the group one that we cannot be in.
    const foreign = new Kafka({ clientId: 'foreign', brokers, logLevel: logLevel.NOTHING }).consumer({
      groupId: `${GROUP}.${topic}.slot-0`,
    });
    await foreign.connect();
    ending.push(() => foreign.disconnect());
    await foreign.subscribe({ topic });
    await foreign.run({ eachMessage: async () => undefined });
    const exit = once(owner.child, 'exit');
    owner.child.kill('SIGCONT');
    expect(await exit).toEqual([70, null]);
  });
});
