import { describe, expect, it } from 'vitest';
import { type Generation, type GenerationStore, ListCursorError } from '../generation-store.port.js';
import {
  byHolder,
  exampleGeneration,
  newGenerationId,
  newTenant,
  startedEvent,
  submitted,
  whileActive,
} from './examples.js';

const ERROR = {
  class: 'invalid',
  code: 'generation_failed',
  message: 'No picture could be drawn.',
  detail: 'NaN',
} as const;

export function readingSuite(current: () => GenerationStore): void {
  const submitAt = async (tenantId: string, moments: readonly number[]): Promise<Generation[]> => {
    const generations: Generation[] = [];
    for (const createdAt of moments) {
      generations.push((await submitted(current(), exampleGeneration({ tenantId, createdAt }))).generation);
    }
    return generations;
  };
  const ids = (generations: readonly { readonly id: string }[]): string[] => generations.map(({ id }) => id);

  describe('reading', () => {
    it('never shows a tenant what belongs to another', async () => {
      const store = current();
      const { generation } = await submitted(store);
      const stranger = (await submitted(store)).generation.tenantId;
      expect((await store.get(generation.tenantId, generation.id))?.generation).toEqual(generation);
      expect(await store.get(stranger, generation.id)).toBeNull();
      expect((await store.list(stranger, { limit: 100 })).generations.map((one) => one.generation.id)).not.toContain(
        generation.id,
      );
      expect((await store.list(newTenant(), { limit: 100 })).generations).toEqual([]);
    });

    it('answers null and empty lists for what does not exist', async () => {
      const store = current();
      const id = newGenerationId();
      expect(await store.load(id)).toBeNull();
      expect(await store.get(newTenant(), id)).toBeNull();
      expect(await store.readEvents(id, 0, 10)).toEqual([]);
      expect(await store.charges(id)).toEqual([]);
    });

    it('reads the log from where a client stopped, within the limit', async () => {
      const store = current();
      const { generation } = await submitted(store);
      await store.commit(whileActive(generation, { events: Array.from({ length: 5 }, () => startedEvent) }));
      const sequences = async (after: number, limit: number) =>
        (await store.readEvents(generation.id, after, limit)).map(({ sequence }) => sequence);
      expect(await sequences(2, 3)).toEqual([3, 4, 5]);
      expect(await sequences(5, 100)).toEqual([6]);
      expect(await sequences(6, 100)).toEqual([]);
    });

    it('lists newest first and by filters whose bounds are exclusive', async () => {
      const store = current();
      const tenantId = newTenant();
      const [a, b, c] = await submitAt(tenantId, [10, 20, 30]);
      if (!a || !b || !c) throw new Error('three were submitted');
      await store.commit(whileActive(b, { generation: { state: 'running' } }));
      const list = async (query: object) =>
        ids((await store.list(tenantId, { limit: 10, ...query })).generations.map((one) => one.generation));
      expect(await list({})).toEqual(ids([c, b, a]));
      expect(await list({ state: 'running' })).toEqual(ids([b]));
      expect(await list({ createdAfter: 10 })).toEqual(ids([c, b]));
      expect(await list({ createdBefore: 30 })).toEqual(ids([b, a]));
      expect(await list({ createdAfter: 10, createdBefore: 30, state: 'queued' })).toEqual([]);
    });

    it('pages without gaps or repeats, also among equal moments and while new ones arrive', async () => {
      const store = current();
      const tenantId = newTenant();
      const generations = await submitAt(tenantId, [10, 10, 10, 10, 11, 12, 12]);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.list(tenantId, { limit: 2, ...(cursor === null ? {} : { cursor }) });
        seen.push(...ids(page.generations.map((one) => one.generation)));
        await submitAt(tenantId, [99]);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(new Set(seen)).toEqual(new Set(ids(generations)));
      expect(seen).toHaveLength(generations.length);
    });

    it('gives no cursor behind the last page, not even a full one', async () => {
      const tenantId = newTenant();
      await submitAt(tenantId, [1, 2]);
      expect((await current().list(tenantId, { limit: 2 })).nextCursor).toBeNull();
    });

    it('refuses a cursor that it did not make', async () => {
      for (const cursor of ['', 'nonsense', '%%%', Buffer.from('9 x').toString('base64url')]) {
        await expect(current().list(newTenant(), { limit: 2, cursor })).rejects.toThrow(ListCursorError);
      }
    });
  });

  describe('operations', () => {
    it('keeps a weight and the spent time for every tenant', async () => {
      const store = current();
      const tenantId = newTenant();
      await store.createTenant({ id: tenantId, weight: 2.5, name: 'first' });
      await store.createTenant({ id: tenantId, weight: 3, name: 'renamed' });
      const { generation } = await submitted(store, exampleGeneration({ tenantId }));
      for (const [stage, ms] of [
        ['denoising', 10.5],
        ['denoising', 4],
        ['decoding', 1],
      ] as const) {
        await store.commit(whileActive(generation, { spentMs: { tenantId, stage, ms } }));
      }
      expect((await store.tenantShares()).filter((share) => share.tenantId === tenantId)).toEqual([
        { tenantId, weight: 3, spentMs: 15.5 },
      ]);
    });

    it('counts generations by state, waiting messages, and measured runs by stage', async () => {
      const store = current();
      const before = await store.counts();
      const { generation, run } = await submitted(store, exampleGeneration(), { stage: 'scoring' });
      const spent = { tenantId: generation.tenantId, stage: 'scoring', ms: 8 } as const;
      const updateRuns = [{ id: run.id, state: 'completed', durationMs: 8 } as const];
      await store.commit(byHolder(run, { updateRuns, spentMs: spent, generation: { state: 'running' } }));
      const after = await store.counts();
      expect(after.byState.running).toBe((before.byState.running ?? 0) + 1);
      expect(after.byState.queued ?? 0).toBe(before.byState.queued ?? 0);
      expect(after.outboxPending).toBe(before.outboxPending + 1);
      expect(after.stageMs.scoring?.runs).toBe((before.stageMs.scoring?.runs ?? 0) + 1);
      expect(after.stageMs.scoring?.meanMs).toBeGreaterThan(0);
    });

    it('counts for a tenant what is its own', async () => {
      const store = current();
      const [tenantId, other] = [newTenant(), newTenant()];
      const { generation, run } = await submitted(store, exampleGeneration({ tenantId }), { stage: 'scoring' });
      await submitted(store, exampleGeneration({ tenantId: other }));
      const updateRuns = [{ id: run.id, state: 'completed', durationMs: 8 } as const];
      const spentMs = { tenantId, stage: 'scoring', ms: 8 } as const;
      await store.commit(byHolder(run, { updateRuns, spentMs, generation: { state: 'running' } }));
      const counts = await store.counts(generation.tenantId);
      expect(counts.byState).toEqual({ running: 1 });
      expect(counts.stageMs).toEqual({ scoring: { runs: 1, meanMs: 8 } });
      expect(counts.outboxPending).toBe(1);
      expect(await store.counts(newTenant())).toEqual({ byState: {}, outboxPending: 0, stageMs: {} });
    });

    it('knows what each tenant has unfinished, and for how long that will take', async () => {
      const store = current();
      const [tenantId, other] = [newTenant(), newTenant()];
      await store.createTenant({ id: tenantId, weight: 2, name: 'loaded' });
      const loads = async () =>
        (await store.tenantLoads())
          .filter((load) => load.tenantId === tenantId || load.tenantId === other)
          .sort((a, b) => b.jobs - a.jobs);
      const { generation, run } = await submitted(store, exampleGeneration({ tenantId }), { predictedMs: 30 });
      await submitted(store, exampleGeneration({ tenantId }), { predictedMs: 12 });
      await submitted(store, exampleGeneration({ tenantId: other }), { predictedMs: 5 });
      expect(await loads()).toEqual([
        { tenantId, weight: 2, jobs: 2, remainingMs: 42 },
        { tenantId: other, weight: 1, jobs: 1, remainingMs: 5 },
      ]);
      await store.commit(byHolder(run, { updateRuns: [{ id: run.id, state: 'completed' }] }));
      expect((await loads())[0]).toMatchObject({ jobs: 2, remainingMs: 12 });
      await store.commit(whileActive(generation, { generation: { state: 'succeeded' } }));
      expect((await loads()).map(({ jobs }) => jobs)).toEqual([1, 1]);
    });

    it('sums up what waits and what is out, by tenant and stage, and is not idle while anything does', async () => {
      const store = current();
      const tenantId = newTenant();
      const totals = async () => (await store.queueTotals()).filter((total) => total.tenantId === tenantId);
      expect(await totals()).toEqual([]);
      await submitted(store, exampleGeneration({ tenantId }), { predictedMs: 30, readyAt: 900 });
      await submitted(store, exampleGeneration({ tenantId }), { predictedMs: 12, readyAt: null, createdAt: 700 });
      const { generation, run } = await submitted(store, exampleGeneration({ tenantId }), {
        predictedMs: 5,
        state: 'running',
        fence: 1,
      });
      await submitted(store, exampleGeneration({ tenantId }), { predictedMs: 9, state: 'waiting' });
      const stage = 'prompt-expansion';
      expect(await totals()).toEqual([{ tenantId, stage, readyMs: 42, inFlightMs: 5, oldestReadyAt: 700 }]);
      expect(await store.isIdle()).toBe(false);
      await store.commit(byHolder(run, { updateRuns: [{ id: run.id, state: 'completed' }] }));
      await store.commit(whileActive(generation, { generation: { state: 'succeeded' } }));
      expect((await totals())[0]).toMatchObject({ inFlightMs: 0 });
    });

    it('shows a failure with its cause for operators until the run goes well', async () => {
      const store = current();
      const { generation, run } = await submitted(store, exampleGeneration(), { state: 'running', fence: 2 });
      const fail = { id: run.id, state: 'failed', error: ERROR, finishedAt: 5_000 } as const;
      await store.commit(byHolder(run, { updateRuns: [fail] }));
      const failures = async () => (await store.recentFailures(1_000)).filter((one) => one.runId === run.id);
      expect(await failures()).toEqual([
        {
          generationId: generation.id,
          runId: run.id,
          stage: run.stage,
          error: ERROR,
          attempt: 2,
          at: expect.any(Number),
        },
      ]);
      await store.commit(whileActive(generation, { updateRuns: [{ id: run.id, state: 'completed', error: null }] }));
      expect(await failures()).toEqual([]);
    });

    it('finds the tenant of a key by its hash, and shows keys without revealing them', async () => {
      const store = current();
      const tenantId = newTenant();
      const keyHash = Buffer.from(tenantId).toString('hex').padEnd(64, '0');
      await store.createTenant({ id: tenantId, weight: 1, name: 'keys' });
      await store.createApiKey({ tenantId, keyHash, label: 'laptop' });
      expect(await store.resolveApiKey(keyHash)).toBe(tenantId);
      expect(await store.resolveApiKey('f'.repeat(64))).toBeNull();
      expect(await store.listApiKeys(tenantId)).toEqual([
        { label: 'laptop', createdAt: expect.any(Number), keyHashPrefix: keyHash.slice(0, 8) },
      ]);
      expect(await store.listApiKeys(newTenant())).toEqual([]);
    });
  });

  describe('leases', () => {
    it('belong to one holder until they end, and the fencing number rises with every change of holder', async () => {
      const store = current();
      const name = newTenant();
      const acquire = (holder: string, now: number) => store.acquireLease(name, holder, now, 100);
      expect(await acquire('a', 0)).toEqual({ fencing: 1 });
      expect(await acquire('b', 99)).toBeNull();
      expect(await acquire('a', 99)).toEqual({ fencing: 1 });
      expect(await acquire('b', 198)).toBeNull();
      expect(await acquire('b', 199)).toEqual({ fencing: 2 });
      expect(await acquire('a', 200)).toBeNull();
      expect(await acquire('a', 300)).toEqual({ fencing: 3 });
    });

    it('go to one of many who ask at once', async () => {
      const name = newTenant();
      const asked = Array.from({ length: 8 }, (_, index) => current().acquireLease(name, `holder-${index}`, 0, 100));
      expect((await Promise.all(asked)).filter((lease) => lease !== null)).toEqual([{ fencing: 1 }]);
    });
  });
}
