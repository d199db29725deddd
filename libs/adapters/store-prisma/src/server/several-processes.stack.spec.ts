// Real: a PostgreSQL server on loopback. Each store has sessions of its own, as stores of different processes have.
import type { GenerationStore, StageRun } from '@atelier/ports';
import { byHolder, exampleGeneration, exampleSubmission, whileActive } from '@atelier/ports/examples';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { openPostgresStore } from './open-postgres-store.js';
import { migrationAdapter } from './server-adapter.js';
import { createSpecDatabase, queryOn, realClock } from './spec-database.js';

describe('stores of several processes on one server', () => {
  let database: Awaited<ReturnType<typeof createSpecDatabase>>;
  const stores: GenerationStore[] = [];
  const open = async (): Promise<GenerationStore> => {
    const store = await openPostgresStore({ url: database.url, clock: realClock, poolSize: 4 });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    database = await createSpecDatabase(inject('postgres').url);
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await database.drop();
  });

  it('may all open on an empty database at once: it is migrated one time', async () => {
    await Promise.all([open(), open(), open(), open()]);
    const rows = await queryOn(
      database.url,
      'SELECT migration_name, count(*)::int AS n FROM _prisma_migrations GROUP BY 1',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ n }) => n === 1)).toBe(true);
  });

  it('leave nothing of a migration that fails behind', async () => {
    const adapter = await migrationAdapter({ connectionString: database.url }).connect();
    const script = 'CREATE TABLE first (a int); -- one; two\nINSERT INTO first VALUES (1); CREATE TABLE first (a int);';
    await expect(adapter.executeScript(script)).rejects.toMatchObject({ cause: { originalCode: '42P07' } });
    expect(await queryOn(database.url, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
    await adapter.dispose();
  });

  it('hear of the commits of others by notification, and of their own once', async () => {
    const [here, there] = [await open(), await open()];
    const submission = exampleSubmission();
    const { generation } = submission;
    const heard = { hereWork: 0, thereWork: 0, thereWatch: 0 };
    const causes: unknown[] = [];
    here.onWork(() => {
      heard.hereWork += 1;
    });
    there.onWork((cause) => {
      heard.thereWork += 1;
      causes.push(cause);
    });
    there.watch(generation.id, () => {
      heard.thereWatch += 1;
    });
    await here.submit(submission);
    await vi.waitFor(() => expect(heard).toEqual({ hereWork: 1, thereWork: 1, thereWatch: 1 }));
    // Nothing to do for a dispatcher, something to read for a client.
    await here.commit(whileActive(generation, { events: [{ type: 'stage.started', at: 1, data: {} }] }));
    await vi.waitFor(() => expect(heard.thereWatch).toBe(2));
    // A refused transition is nobody's news; the accepted one after it marks the end of the wait.
    const stale = whileActive(generation, {
      expectedSequence: 99,
      events: [{ type: 'stage.started', at: 1, data: {} }],
    });
    expect(await here.commit(stale)).toBe('stale');
    await here.commit(whileActive(generation, { events: [{ type: 'stage.started', at: 1, data: {} }] }));
    await vi.waitFor(() => expect(heard.thereWatch).toBe(3));
    expect(heard).toEqual({ hereWork: 1, thereWork: 1, thereWatch: 3 });
    expect(causes).toEqual([undefined]);
  });

  it('dispatch every run exactly once, however many of them try at the same time', async () => {
    const dispatchers = await Promise.all([open(), open(), open()]);
    const submissions = Array.from({ length: 40 }, () =>
      exampleSubmission(exampleGeneration({ tenantId: 'ten_claimed' })),
    );
    for (const submission of submissions) await dispatchers[0]?.submit(submission);
    const winners = new Map<string, number[]>();
    const claim = async (store: GenerationStore, number: number, run: StageRun): Promise<void> => {
      const outcome = await store.commit(
        byHolder(run, {
          updateRuns: [{ id: run.id, state: 'dispatched', fence: run.fence + 1, workerId: `w${number}` }],
        }),
      );
      if (outcome === 'applied') winners.set(run.id, [...(winners.get(run.id) ?? []), number]);
    };
    await Promise.all(
      dispatchers.map(async (store, number) => {
        for (
          let ready = await store.readyRuns(1_000_000, 10);
          ready.length > 0;
          ready = await store.readyRuns(1_000_000, 10)
        ) {
          await Promise.all(ready.map((run) => claim(store, number, run)));
        }
      }),
    );
    expect(winners.size).toBe(40);
    expect([...winners.values()].every((each) => each.length === 1)).toBe(true);
    for (const { generation } of submissions) {
      const [run] = (await dispatchers[1]?.load(generation.id))?.runs ?? [];
      expect([run?.fence, run?.workerId]).toEqual([1, `w${winners.get(run?.id ?? '')?.[0]}`]);
    }
  });

  it('write one busy tenant’s generations side by side: gapless logs, one charge each, all milliseconds counted', async () => {
    const writers = await Promise.all([open(), open(), open()]);
    const submissions = Array.from({ length: 12 }, () =>
      exampleSubmission(exampleGeneration({ tenantId: 'ten_busy' })),
    );
    await Promise.all(submissions.map((submission, n) => writers[n % 3]?.submit(submission)));
    const outcomes = await Promise.all(
      submissions.flatMap(({ generation }) =>
        writers.map((store) =>
          store.commit(
            whileActive(generation, {
              events: [{ type: 'stage.started', at: 1, data: {} }],
              charges: [{ generationId: generation.id, tenantId: 'ten_busy', sampleIndex: 0, computeMs: 5, at: 1 }],
              spentMs: { tenantId: 'ten_busy', stage: 'denoising', ms: 5 },
            }),
          ),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(12);
    const shares = await writers[0]?.tenantShares();
    expect(shares?.find(({ tenantId }) => tenantId === 'ten_busy')?.spentMs).toBe(60);
    for (const { generation } of submissions) {
      expect((await writers[1]?.readEvents(generation.id, 0, 10))?.map(({ sequence }) => sequence)).toEqual([1, 2]);
    }
  });

  it('answer one key with one generation, whichever of them is asked', async () => {
    const asked = await Promise.all([open(), open(), open()]);
    const submissions = Array.from({ length: 9 }, () => exampleSubmission(exampleGeneration({ tenantId: 'ten_key' })));
    const outcomes = await Promise.all(
      submissions.map((submission, n) =>
        asked[n % 3]?.submit({ ...submission, idempotency: { key: 'k', requestHash: 'h' } }),
      ),
    );
    const created = outcomes.flatMap((outcome, n) =>
      outcome?.outcome === 'created' ? [submissions[n]?.generation.id] : [],
    );
    expect(created).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome?.outcome !== 'created') expect(outcome).toEqual({ outcome: 'replayed', generationId: created[0] });
    }
  });

  it('give leadership to one of them, and a higher fencing number to each new holder', async () => {
    const candidates = new Map((await Promise.all([open(), open(), open()])).map((store, n) => [`holder ${n}`, store]));
    const race = async (now: number) => {
      const granted = await Promise.all(
        [...candidates].map(async ([holder, store]) => ({
          holder,
          lease: await store.acquireLease('orchestration', holder, now, 1_000),
        })),
      );
      const winners = granted.filter(({ lease }) => lease !== null);
      expect(winners).toHaveLength(1);
      return { holder: winners[0]?.holder ?? '', fencing: winners[0]?.lease?.fencing ?? 0 };
    };
    const first = await race(10_000);
    expect(await race(10_999)).toEqual(first);
    candidates.delete(first.holder);
    const second = await race(20_000);
    expect(second.holder).not.toBe(first.holder);
    expect(second.fencing).toBe(first.fencing + 1);
  });
});
