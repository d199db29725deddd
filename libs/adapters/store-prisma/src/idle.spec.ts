// Real: the embedded PostgreSQL in memory.
import type { Clock } from '@atelier/ports';
import { exampleGeneration, exampleSubmission, whileActive } from '@atelier/ports/examples';
import { expect, it } from 'vitest';
import { createEmbeddedStore } from './create-store.js';

it('a store is idle until something is accepted, and again when it has ended and its messages are out', async () => {
  const clock = { now: () => 1_000, monotonicMs: () => 0 } as Clock;
  const store = await createEmbeddedStore({ dataDir: 'memory', clock });
  try {
    expect(await store.isIdle()).toBe(true);
    const submission = { ...exampleSubmission(), generation: exampleGeneration(), runs: [] };
    await store.submit(submission);
    await store.markPublished((await store.readOutbox(100)).map(({ id }) => id));
    expect(await store.isIdle()).toBe(false);
    const outbox = [{ topic: 't', key: 'k', value: 'v', headers: {} }];
    await store.commit(whileActive(submission.generation, { generation: { state: 'succeeded' }, outbox }));
    expect(await store.isIdle()).toBe(false);
    await store.markPublished((await store.readOutbox(100)).map(({ id }) => id));
    expect(await store.isIdle()).toBe(true);
  } finally {
    await store.close();
  }
}, 60_000);
