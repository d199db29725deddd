// Real: a PostgreSQL server of its own on loopback, which is stopped, killed and frozen.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GenerationStore, StoreUnavailableError } from '@atelier/ports';
import { exampleSubmission, whileActive } from '@atelier/ports/examples';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPostgres } from '../../../../../tools/stack/postgres.mjs';
import { openPostgresStore } from './open-postgres-store.js';
import { realClock } from './spec-database.js';

const started = { type: 'stage.started', at: 1, data: {} } as const;

describe('a store whose server goes away', { timeout: 60_000 }, () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let store: GenerationStore;
  const open = (options = {}) =>
    openPostgresStore({ url: server.url, clock: realClock, poolSize: 4, connectTimeoutMs: 3_000, ...options });
  /** Once the server is back, the store is too. */
  const recovered = () => vi.waitFor(() => store.counts(), { timeout: 30_000, interval: 100 });
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-postgres-'));
    chmodSync(folder, 0o755);
    server = await startPostgres({ dataDir: path.join(folder, 'server') });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    store = await open({ answerTimeoutMs: 4_000 });
  });
  afterEach(() => store.close());

  it('fails with an error that says "again", and goes on when the server is back, with all that was acknowledged', async () => {
    const { generation, ...rest } = exampleSubmission();
    await store.submit({ generation, ...rest });
    await server.stop();
    const attempts = [
      () => store.commit(whileActive(generation, { events: [started] })),
      () => store.submit(exampleSubmission()),
      () => store.load(generation.id),
      () => store.readOutbox(10),
      () => store.readyRuns(1, 1),
      () => store.acquireLease('l', 'h', 0, 1),
      () => store.counts(),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toThrow(StoreUnavailableError);
      await expect(attempt()).rejects.toMatchObject({ retryable: true });
    }
    await server.restart();
    await recovered();
    expect(await store.commit(whileActive(generation, { expectedSequence: 1, events: [started] }))).toBe('applied');
  });

  it('loses nothing acknowledged and writes nothing in part when the server is killed in the middle of writes', async () => {
    const submissions = Array.from({ length: 30 }, () => exampleSubmission());
    const acknowledged = new Map<string, number>();
    const lanes = submissions.map(async (submission) => {
      await store.submit(submission);
      for (let sequence = 1; ; sequence += 1) {
        acknowledged.set(submission.generation.id, sequence);
        const { generation } = submission;
        const outbox = [{ topic: 't', key: generation.id, value: `${sequence + 1}`, headers: {} }];
        await store.commit(whileActive(generation, { expectedSequence: sequence, events: [started], outbox }));
      }
    });
    const ends = Promise.allSettled(lanes);
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(10), { timeout: 20_000 });
    await server.kill();
    for (const end of await ends) {
      expect(end.status === 'rejected' && end.reason).toBeInstanceOf(StoreUnavailableError);
    }
    await server.restart();
    await recovered();
    const outbox = Map.groupBy(await store.readOutbox(1_000_000), ({ key }) => key);
    for (const { generation } of submissions) {
      const lastSequence = (await store.load(generation.id))?.lastSequence ?? 0;
      expect(lastSequence).toBeGreaterThanOrEqual(acknowledged.get(generation.id) ?? 0);
      expect(await store.readEvents(generation.id, 0, 100_000)).toHaveLength(lastSequence);
      expect(outbox.get(generation.id) ?? []).toHaveLength(lastSequence);
    }
    expect(Math.max(...acknowledged.values())).toBeGreaterThan(0);
  });

  it('hears of commits again after the server came back, and looks at everything once for the gap', async () => {
    const other = await open();
    let calls = 0;
    store.onWork(() => {
      calls += 1;
    });
    await server.restart();
    // For the gap: nothing was committed.
    await vi.waitFor(() => expect(calls).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
    await recovered();
    await vi.waitFor(
      async () => {
        const before = calls;
        await other.submit(exampleSubmission());
        await vi.waitFor(() => expect(calls).toBeGreaterThan(before), { timeout: 1_000 });
      },
      { timeout: 30_000 },
    );
    await other.close();
  });

  it('gives up on a frozen server in time, and does not wait for it to close', async () => {
    const closing = await open();
    server.freeze();
    try {
      await expect(store.counts()).rejects.toThrow(StoreUnavailableError);
      const unanswered = closing.counts().catch(() => undefined);
      const before = performance.now();
      await closing.close();
      expect(performance.now() - before).toBeLessThan(5_000);
      server.thaw();
      await unanswered;
    } finally {
      server.thaw();
    }
    await recovered();
  });

  it('waits at the start for a server that is not there yet, and not for ever', async () => {
    await server.stop();
    await expect(open({ openWithinMs: 600 })).rejects.toThrow(StoreUnavailableError);
    const opening = open();
    await server.restart();
    await (await opening).close();
    await recovered();
  });
});
