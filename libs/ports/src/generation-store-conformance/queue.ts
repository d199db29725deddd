import { STAGES } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import type { GenerationStore, StageRun } from '../generation-store.port.js';
import {
  byHolder,
  exampleGeneration,
  exampleMessage,
  exampleRun,
  exampleSubmission,
  newTenant,
  outboxOf,
  startedEvent,
  submitted,
  whileActive,
} from './examples.js';

/** Far behind all other rows, so that a limit cuts off other tests' rows and not this one's. */
const LONG_AGO = -1_000_000;

export function queueSuite(current: () => GenerationStore): void {
  describe('queue', () => {
    const readyOf = async (tenantId: string, now: number, limit: number): Promise<StageRun[]> =>
      (await current().readyRuns(now, limit)).filter((run) => run.tenantId === tenantId);

    it('hands out the most urgent ready runs: class first, then age, and long waiting outweighs the class', async () => {
      const generation = exampleGeneration({ createdAt: 500_000 });
      const run = (priority: StageRun['priority'], createdAt: number) =>
        exampleRun(generation, { priority, createdAt });
      const runs = [
        run('low', 500_000),
        run('normal', 500_001),
        run('normal', 500_000),
        run('high', 500_000),
        run('low', 500_000 - 120_001),
      ];
      await current().submit(exampleSubmission(generation, { runs }));
      const order = [4, 3, 2, 1, 0].map((index) => runs[index]?.id);
      expect((await readyOf(generation.tenantId, 600_000, 10)).map(({ id }) => id)).toEqual(order);
      expect((await readyOf(generation.tenantId, 600_000, 2)).map(({ id }) => id)).toEqual(order.slice(0, 2));
    });

    it('bounds the ready runs for each tenant and stage, so that a flood hides nobody', async () => {
      const flood = exampleGeneration();
      const quiet = exampleGeneration({ createdAt: 900_000 });
      const flooded = Array.from({ length: 60 }, () => exampleRun(flood, { stage: 'denoising' }));
      const others = STAGES.filter((stage) => stage !== 'denoising').map((stage) => exampleRun(flood, { stage }));
      await current().submit(exampleSubmission(flood, { runs: [...flooded, ...others] }));
      await current().submit(exampleSubmission(quiet, { runs: [exampleRun(quiet, { stage: 'denoising' })] }));
      const stages = (await readyOf(flood.tenantId, 1_000_000, 3)).map(({ stage }) => stage);
      expect(stages.filter((stage) => stage === 'denoising')).toHaveLength(3);
      expect(new Set(stages)).toEqual(new Set(STAGES));
      expect(await readyOf(quiet.tenantId, 1_000_000, 3)).toHaveLength(1);
    });

    it('hands out a run neither before its next attempt nor in any other state', async () => {
      const generation = exampleGeneration();
      const delayed = exampleRun(generation, { nextAttemptAt: 2_000 });
      const states = ['waiting', 'dispatched', 'running', 'completed', 'failed', 'abandoned', 'canceled'] as const;
      const runs = [delayed, ...states.map((state) => exampleRun(generation, { state }))];
      await current().submit(exampleSubmission(generation, { runs }));
      expect(await readyOf(generation.tenantId, 1_999, 100)).toEqual([]);
      expect(await readyOf(generation.tenantId, 2_000, 100)).toEqual([delayed]);
      await current().commit(byHolder(delayed, { updateRuns: [{ id: delayed.id, state: 'dispatched', fence: 1 }] }));
      expect(await readyOf(generation.tenantId, 2_000, 100)).toEqual([]);
    });

    it('finds runs by state, within the limit', async () => {
      const store = current();
      const generation = exampleGeneration({ createdAt: LONG_AGO });
      const runs = (['dispatched', 'running', 'waiting'] as const).map((state) => exampleRun(generation, { state }));
      await store.submit(exampleSubmission(generation, { runs }));
      const found = (await store.runsInState(['dispatched', 'running'], 1_000)).filter(
        (run) => run.generationId === generation.id,
      );
      expect(found.map(({ state }) => state).sort()).toEqual(['dispatched', 'running']);
      expect(await store.runsInState(['dispatched', 'running'], 1)).toHaveLength(1);
    });

    it('finds leases that ended before now, and only of runs in flight', async () => {
      const store = current();
      const generation = exampleGeneration();
      const lease = (state: StageRun['state'], leaseUntil: number | null) =>
        exampleRun(generation, { state, leaseUntil });
      const runs = [
        lease('dispatched', LONG_AGO - 2),
        lease('running', LONG_AGO - 1),
        lease('running', LONG_AGO),
        lease('completed', LONG_AGO - 5),
        lease('dispatched', null),
      ];
      await store.submit(exampleSubmission(generation, { runs }));
      const expired = (await store.expiredLeases(LONG_AGO, 1_000)).filter((run) => run.generationId === generation.id);
      expect(expired.map(({ id }) => id).sort()).toEqual([runs[0]?.id, runs[1]?.id].sort());
      expect(await store.expiredLeases(LONG_AGO, 1)).toHaveLength(1);
    });

    it('finds living generations at or past their deadline, the oldest deadline first', async () => {
      const store = current();
      const submit = async (deadlineAt: number | undefined) => {
        const request = deadlineAt === undefined ? {} : { deadlineAt };
        return (await submitted(store, exampleGeneration({ request }))).generation;
      };
      const [later, earlier, ended, future] = [await submit(20), await submit(10), await submit(5), await submit(21)];
      const without = await submit(undefined);
      await store.commit(whileActive(ended, { generation: { state: 'canceled' } }));
      const mine = [later, earlier, ended, future, without].map(({ id }) => id);
      const overdue = (await store.overdueGenerations(20, 1_000)).filter((id) => mine.includes(id));
      expect(overdue).toEqual([earlier.id, later.id]);
      expect(await store.overdueGenerations(20, 1)).toHaveLength(1);
    });
  });

  describe('outbox', () => {
    it('gives the messages of a generation in the order of its commits, until they are marked', async () => {
      const store = current();
      const { generation } = await submitted(store);
      for (const part of ['1', '2', '3']) {
        const outbox = ['a', 'b'].map((half) => exampleMessage(generation.id, `${part}${half}`));
        await store.commit(whileActive(generation, { outbox, events: [startedEvent] }));
      }
      expect(await outboxOf(store, generation.id)).toEqual(['{}', '1a', '1b', '2a', '2b', '3a', '3b']);
      const rows = (await store.readOutbox(1_000_000)).filter((row) => row.key === generation.id);
      const published = rows.slice(0, 3).map(({ id }) => id);
      await store.markPublished(published);
      await store.markPublished(published);
      await store.markPublished([]);
      expect(await outboxOf(store, generation.id)).toEqual(['2a', '2b', '3a', '3b']);
    });

    it('reads at most the limit, oldest first', async () => {
      const store = current();
      await Promise.all(Array.from({ length: 3 }, () => submitted(store)));
      const all = await store.readOutbox(1_000_000);
      expect(await store.readOutbox(2)).toEqual(all.slice(0, 2));
    });
  });

  describe('hints', () => {
    it('tells watchers of a generation after the commit is readable, until they stop', async () => {
      const store = current();
      const { generation } = await submitted(store);
      const { generation: other } = await submitted(store);
      let calls = 0;
      const seen: Promise<number | undefined>[] = [];
      const stop = store.watch(generation.id, () => {
        calls += 1;
        seen.push(store.load(generation.id).then((aggregate) => aggregate?.lastSequence));
      });
      await store.commit(whileActive(generation, { events: [startedEvent] }));
      await store.commit(whileActive(other, { events: [startedEvent] }));
      expect(calls).toBe(1);
      expect(await Promise.all(seen)).toEqual([2]);
      stop();
      await store.commit(whileActive(generation, { events: [startedEvent] }));
      expect(calls).toBe(1);
    });

    it('calls for work when a run becomes ready or a message waits, and not after a refusal', async () => {
      const store = current();
      let calls = 0;
      const stop = store.onWork(() => {
        calls += 1;
      });
      const callsOf = async (action: () => Promise<unknown>): Promise<boolean> => {
        const before = calls;
        await action();
        return calls > before;
      };
      const { generation, run } = await submitted(store, exampleGeneration({ tenantId: newTenant() }), {
        state: 'waiting',
      });
      expect(calls).toBeGreaterThan(0);
      const release = byHolder(run, { updateRuns: [{ id: run.id, state: 'ready' }] });
      expect(await callsOf(() => store.commit(release))).toBe(true);
      expect(await callsOf(() => store.commit(release))).toBe(false);
      const message = whileActive(generation, { outbox: [exampleMessage(generation.id)] });
      expect(await callsOf(() => store.commit(message))).toBe(true);
      stop();
      expect(await callsOf(() => store.commit(message))).toBe(false);
    });

    it('names the very submission or transition that caused the work', async () => {
      const store = current();
      const causes: unknown[] = [];
      const stop = store.onWork((cause) => {
        causes.push(cause);
      });
      const submission = exampleSubmission();
      await store.submit(submission);
      const transition = whileActive(submission.generation, { outbox: [exampleMessage(submission.generation.id)] });
      await store.commit(transition);
      stop();
      expect(causes[0]).toBe(submission);
      expect(causes[1]).toBe(transition);
    });
  });
}
