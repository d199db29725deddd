import { DEFAULT_TENANT_ID, type EventLogEntry, type TenantId, TOPICS } from '@atelier/contracts';
import type { AdmissionLimits } from '@atelier/domain';
import {
  buildEngine,
  buildManifest,
  buildReference,
  buildRequest,
  CountingIds,
  FakeClock,
  MemoryGenerationStore,
} from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import {
  CancelGeneration,
  GenerationError,
  GenerationNotFoundError,
  GetGeneration,
  IdempotencyKeyReusedError,
  ListGenerations,
  QueueFullError,
  ReadEventLog,
  requestHash,
  SubmitGeneration,
} from './index.js';

const TENANT = DEFAULT_TENANT_ID;

/** Real use cases on the in-memory store; nothing orchestrates, so generations stay where submit leaves them. */
function setup(engine = buildEngine(), options: { limits?: AdmissionLimits } = {}) {
  const dependencies = {
    store: new MemoryGenerationStore(),
    ids: new CountingIds(),
    clock: new FakeClock(),
    describe: () => engine,
    ...options,
  };
  const submit = new SubmitGeneration(dependencies);
  const accept = async (request = buildRequest(), tenantId: TenantId = TENANT) =>
    (await submit.execute({ tenantId, request })).generationId;
  return {
    ...dependencies,
    submit,
    accept,
    get: new GetGeneration(dependencies),
    list: new ListGenerations(dependencies),
    cancel: new CancelGeneration(dependencies),
    read: new ReadEventLog(dependencies),
  };
}

async function collect(entries: AsyncIterable<EventLogEntry>): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { sequence } of entries) sequences.push(sequence);
  return sequences;
}

describe('submit', () => {
  it('writes the generation, its first runs, the first log entry and one outbox row in one commit', async () => {
    const { store, submit, get } = setup();
    const request = buildRequest({ samples: 2, references: [buildReference(), buildReference()] });
    const { generationId, replayed } = await submit.execute({ tenantId: TENANT, request });
    const { generation, runs, lastSequence } = await get.execute({ tenantId: TENANT, generationId });
    expect(replayed).toBe(false);
    expect(generation).toMatchObject({ state: 'queued', request, weights: { name: 'spec-weights', profile: 'v4' } });
    expect(generation.samples.map(({ index, state }) => [index, state])).toEqual([
      [0, 'queued'],
      [1, 'queued'],
    ]);
    expect(runs.map(({ stage, state }) => [stage, state])).toEqual([
      ['prompt-expansion', 'waiting'],
      ['reference-encoding', 'waiting'],
      ['reference-encoding', 'waiting'],
    ]);
    expect(lastSequence).toBe(1);
    const [row] = await store.readOutbox(10);
    expect(row).toMatchObject({ topic: 'generation.submitted.v1', key: generationId });
    expect(TOPICS['generation.submitted.v1'].schema.parse(JSON.parse(row?.value ?? ''))).toMatchObject({ request });
  });

  it('answers a repeated idempotency key with the first generation, and another request under it with an error', async () => {
    const { submit, list } = setup();
    const command = (body: object) => ({
      tenantId: TENANT,
      request: buildRequest(),
      idempotency: { key: 'k', requestHash: requestHash(body) },
    });
    const first = await submit.execute(command({ prompt: 'a dog', n: 1 }));
    const again = await submit.execute(command({ n: 1, prompt: 'a dog' }));
    expect(again).toEqual({ generationId: first.generationId, replayed: true });
    await expect(submit.execute(command({ prompt: 'a cat', n: 1 }))).rejects.toThrow(IdempotencyKeyReusedError);
    expect((await list.execute({ tenantId: TENANT, query: { limit: 10 } })).generations).toHaveLength(1);
  });

  it("keeps one tenant's idempotency keys apart from another's", async () => {
    const { submit } = setup();
    const idempotency = { key: 'k', requestHash: 'h' };
    const first = await submit.execute({ tenantId: TENANT, request: buildRequest(), idempotency });
    const other = await submit.execute({ tenantId: 'ten_other', request: buildRequest(), idempotency });
    expect(other).toMatchObject({ replayed: false });
    expect(other.generationId).not.toBe(first.generationId);
  });

  it.each([
    ['unsupported_task', { task: 'inpaint' }, 'task'],
    ['unsupported_task', { task: 'unheard-of' }, 'task'],
    ['unsupported_size', { size: { widthPx: 65, heightPx: 64 } }, 'size'],
    ['model_not_found', { model: 'other' }, 'model'],
    ['invalid_parameter', { profile: 'v9' }, 'profile'],
    ['invalid_parameter', { outputs: 5 }, 'outputs'],
    ['invalid_parameter', { outputs: 3, prompts: ['a', 'b'] }, 'prompt'],
    ['invalid_parameter', { steps: 17 }, 'steps'],
    ['invalid_parameter', { references: Array.from({ length: 5 }, () => buildReference()) }, 'references'],
    ['unsupported_feature', { background: 'transparent' }, 'background'],
    ['unsupported_feature', { callback: { url: 'https://example.com' } }, 'callback'],
    ['unsupported_feature', { expandPrompt: 64 }, 'expand_prompt'],
  ] as const)('refuses with %s what the weights cannot do (%o), and writes nothing', async (code, overrides, param) => {
    const { submit, store } = setup();
    const request = buildRequest(overrides as Partial<ReturnType<typeof buildRequest>>);
    const refused = await submit.execute({ tenantId: TENANT, request }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GenerationError);
    expect(refused).toMatchObject({ code, param });
    expect(await store.readOutbox(10)).toEqual([]);
  });

  it('refuses references where the weights take none, and sizes larger than the engine can draw', async () => {
    const limits = { ...buildManifest().limits, maxReferences: 0 };
    const small = setup(buildEngine({ manifest: buildManifest({ limits }), maxPixels: 64 * 64 }));
    await expect(small.accept(buildRequest({ references: [buildReference()] }))).rejects.toMatchObject({
      code: 'unsupported_feature',
    });
    await expect(small.accept(buildRequest({ size: { widthPx: 128, heightPx: 128 } }))).rejects.toMatchObject({
      code: 'unsupported_size',
      message: expect.stringContaining('64x64'),
    });
  });

  it('refuses new work when the queue is full, and takes it again when it is not', async () => {
    const { accept, cancel, clock } = setup(buildEngine(), { limits: { maxJobs: 2 } });
    const generationId = await accept();
    await accept(buildRequest(), 'ten_other');
    await expect(accept()).rejects.toThrow(QueueFullError);
    await expect(accept(buildRequest(), 'ten_third')).rejects.toMatchObject({ bound: 'maxJobs', limit: 2 });
    await cancel.execute({ tenantId: TENANT, generationId });
    await clock.advance(1_000);
    await expect(accept()).resolves.toMatch(/^gen_/);
  });
});

describe('a tenant with too much unfinished work', () => {
  it('is refused alone, and told when to come back; others are taken', async () => {
    const { accept, cancel, clock } = setup(buildEngine(), { limits: { maxJobsPerTenant: 2, maxJobs: 4 } });
    const generationId = await accept();
    await accept();
    const refused = await accept().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(QueueFullError);
    expect(refused).toMatchObject({ bound: 'maxJobsPerTenant', message: expect.stringContaining('2 unfinished jobs') });
    expect((refused as QueueFullError).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    await expect(accept(buildRequest(), 'ten_other')).resolves.toMatch(/^gen_/);
    await cancel.execute({ tenantId: TENANT, generationId });
    await clock.advance(1_000);
    await expect(accept()).resolves.toMatch(/^gen_/);
  });

  it('is measured by the predicted time of what it asks for too', async () => {
    const { accept } = setup(buildEngine(), { limits: { maxRemainingMsPerTenant: 500 } });
    await accept(buildRequest({ samples: 4 }));
    await expect(accept(buildRequest({ samples: 4 }))).rejects.toMatchObject({ bound: 'maxRemainingMsPerTenant' });
  });
});

describe("another tenant's generation", () => {
  it('does not exist on any use case', async () => {
    const { accept, get, list, cancel, read } = setup();
    const generationId = await accept();
    const query = { tenantId: 'ten_other', generationId };
    await expect(get.execute(query)).rejects.toThrow(GenerationNotFoundError);
    await expect(cancel.execute(query)).rejects.toThrow(GenerationNotFoundError);
    await expect(read.execute(query).next()).rejects.toThrow(GenerationNotFoundError);
    expect((await list.execute({ tenantId: 'ten_other', query: { limit: 10 } })).generations).toEqual([]);
    expect((await get.execute({ tenantId: TENANT, generationId })).generation.state).toBe('queued');
  });
});

describe('cancel', () => {
  it('takes the fence of every active run, tells the workers and ends the log, in one commit', async () => {
    const { accept, cancel, get, store } = setup();
    const generationId = await accept(buildRequest({ references: [buildReference()] }));
    await cancel.execute({ tenantId: TENANT, generationId, reason: 'not needed' });
    const { generation, runs } = await get.execute({ tenantId: TENANT, generationId });
    expect(generation.state).toBe('canceled');
    expect(runs.map(({ state, fence }) => [state, fence])).toEqual([
      ['canceled', 1],
      ['canceled', 1],
    ]);
    expect((await store.readEvents(generationId, 0, 10)).at(-1)).toMatchObject({
      type: 'generation.canceled',
      data: { reason: 'not needed' },
    });
    expect((await store.readOutbox(10)).map(({ topic }) => topic)).toEqual([
      'generation.submitted.v1',
      'generation.canceled.v1',
      'generation.finished.v1',
    ]);
    expect(store.commits).toBe(1);
  });

  it('reads again when the generation moved on under it', async () => {
    const { accept, cancel, store, clock } = setup();
    const generationId = await accept();
    const get = store.get.bind(store);
    let reads = 0;
    store.get = async (tenantId, id) => {
      const aggregate = await get(tenantId, id);
      reads += 1;
      if (reads > 1) return aggregate;
      const moved = { type: 'generation.running', at: clock.now(), data: {} } as const;
      await store.commit({ generationId, guard: { kind: 'generation-active' }, events: [moved] });
      return aggregate;
    };
    expect(await cancel.execute({ tenantId: TENANT, generationId })).toMatchObject({ outcome: 'canceled' });
    expect(reads).toBe(2);
    expect((await store.readEvents(generationId, 0, 10)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});

describe('reading the event log', () => {
  it('follows a generation to its end, each entry once', async () => {
    const { accept, cancel, read } = setup();
    const generationId = await accept();
    const reading = collect(read.execute({ tenantId: TENANT, generationId }));
    await cancel.execute({ tenantId: TENANT, generationId });
    expect(await reading).toEqual([1, 2]);
  });

  it('goes on after the last entry that a reader has seen', async () => {
    const { accept, cancel, read } = setup();
    const generationId = await accept();
    await cancel.execute({ tenantId: TENANT, generationId });
    expect(await collect(read.execute({ tenantId: TENANT, generationId, afterSequence: 1 }))).toEqual([2]);
  });

  it('ends at once for a reader that has seen the end, also one that claims to have seen more', async () => {
    const { accept, cancel, read } = setup();
    const generationId = await accept();
    await cancel.execute({ tenantId: TENANT, generationId });
    expect(await collect(read.execute({ tenantId: TENANT, generationId, afterSequence: 2 }))).toEqual([]);
    expect(await collect(read.execute({ tenantId: TENANT, generationId, afterSequence: 99 }))).toEqual([]);
  });

  it('misses no entry that is written while it reads', async () => {
    const { accept, read, store, clock } = setup();
    const generationId = await accept();
    const readEvents = store.readEvents.bind(store);
    let written = 1;
    store.readEvents = async (...query) => {
      const entries = await readEvents(...query);
      // Between this read and the reader's next wait: the change that a careless reader sleeps through.
      if (written < 5) {
        written += 1;
        const type = written === 5 ? 'generation.failed' : 'stage.progressed';
        const events = [{ type, at: clock.now(), data: {} }] as const;
        await store.commit({ generationId, guard: { kind: 'generation-active' }, events });
      }
      return entries;
    };
    expect(await collect(read.execute({ tenantId: TENANT, generationId }))).toEqual([1, 2, 3, 4, 5]);
  });

  it('stops when its reader goes away', async () => {
    const { accept, read } = setup();
    const generationId = await accept();
    const gone = new AbortController();
    const reading = collect(read.execute({ tenantId: TENANT, generationId, signal: gone.signal }));
    setImmediate(() => gone.abort());
    expect(await reading).toEqual([1]);
  });
});
