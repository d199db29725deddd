import { describe, expect, it } from 'vitest';
import { applyTransition } from '../apply-transition.js';
import type { Charge, Generation, GenerationStore, StageRun, Transition } from '../generation-store.port.js';
import {
  byHolder,
  exampleGeneration,
  exampleMessage,
  exampleRun,
  exampleSubmission,
  newGenerationId,
  newTenant,
  outboxOf,
  queuedEvent,
  startedEvent,
  submitted,
  whileActive,
} from './examples.js';

const STALE_ERROR = { class: 'transient', code: 'generation_failed', message: 'No picture could be drawn.' } as const;

export function submittingSuite(current: () => GenerationStore): void {
  describe('submit', () => {
    it('keeps the generation, its runs, its log and its messages exactly as given', async () => {
      const store = current();
      const generation = exampleGeneration({
        request: { seed: 4_294_967_295, deadlineAt: 9_000 },
        traceparent: '00-a-b-01',
      });
      const run = exampleRun(generation, { predictedMs: 0.125, input: { nested: [1, 'two', null, { three: true }] } });
      const events = [
        queuedEvent,
        { ...startedEvent, runId: run.id, sampleIndex: 0, candidateIndex: 1, outputIndex: 2 },
      ];
      const outbox = [
        { ...exampleMessage(generation.id, '{"first":1}'), partition: 3 },
        exampleMessage(generation.id, '2'),
      ];
      expect(await store.submit({ generation, runs: [run], events, outbox })).toEqual({ outcome: 'created' });

      expect(await store.load(generation.id)).toEqual({ generation, runs: [run], lastSequence: 2 });
      expect(await store.readEvents(generation.id, 0, 10)).toEqual([
        { ...events[0], sequence: 1 },
        { ...events[1], sequence: 2 },
      ]);
      const rows = (await store.readOutbox(1_000_000)).filter((row) => row.key === generation.id);
      expect(rows).toEqual(outbox.map((row) => ({ ...row, id: expect.any(String), createdAt: expect.any(Number) })));
    });

    it('answers a repeated idempotency key with the generation it made, and writes nothing again', async () => {
      const store = current();
      const tenantId = newTenant();
      const idempotency = { key: 'once', requestHash: 'hash-a' };
      const first = exampleSubmission(exampleGeneration({ tenantId }), { idempotency });
      const second = exampleSubmission(exampleGeneration({ tenantId }), { idempotency });
      expect(await store.submit(first)).toEqual({ outcome: 'created' });
      expect(await store.submit(second)).toEqual({ outcome: 'replayed', generationId: first.generation.id });
      expect(await store.load(second.generation.id)).toBeNull();
      expect(await store.readEvents(second.generation.id, 0, 10)).toEqual([]);
      expect(await outboxOf(store, second.generation.id)).toEqual([]);
    });

    it('tells a key that is reused for another request, and lets another tenant use the same key', async () => {
      const store = current();
      const tenantId = newTenant();
      const submit = (owner: string, requestHash: string) =>
        store.submit(
          exampleSubmission(exampleGeneration({ tenantId: owner }), { idempotency: { key: 'shared', requestHash } }),
        );
      await submit(tenantId, 'hash-a');
      expect(await submit(tenantId, 'hash-b')).toEqual({ outcome: 'key-reused' });
      expect(await submit(newTenant(), 'hash-b')).toEqual({ outcome: 'created' });
    });

    it('makes one generation of many simultaneous submissions with one key', async () => {
      const store = current();
      const tenantId = newTenant();
      const submissions = Array.from({ length: 12 }, () =>
        exampleSubmission(exampleGeneration({ tenantId }), { idempotency: { key: 'race', requestHash: 'hash' } }),
      );
      const outcomes = await Promise.all(submissions.map((submission) => store.submit(submission)));
      const created = submissions.filter((_, index) => outcomes[index]?.outcome === 'created');
      expect(created).toHaveLength(1);
      const replays = outcomes.filter((outcome) => outcome.outcome !== 'created');
      expect(new Set(replays.map((outcome) => outcome.outcome === 'replayed' && outcome.generationId))).toEqual(
        new Set([created[0]?.generation.id]),
      );
      expect((await store.list(tenantId, { limit: 50 })).generations).toHaveLength(1);
    });

    it('takes any text that JSON can carry', async () => {
      const store = current();
      const generation = exampleGeneration({
        request: { prompts: ['nul \u0000, half \ud83d, whole 🐕, "quoted\\", 苹果'] },
      });
      expect(await store.submit(exampleSubmission(generation))).toEqual({ outcome: 'created' });
      const kept = (await store.load(generation.id))?.generation.request.prompts[0];
      expect(kept).toContain('whole 🐕, "quoted\\", 苹果');
    });
  });
}

export function committingSuite(current: () => GenerationStore): void {
  const charge = (generation: Generation, sampleIndex = 0): Charge => ({
    generationId: generation.id,
    tenantId: generation.tenantId,
    sampleIndex,
    computeMs: 40.5,
    at: 2_000,
  });

  describe('commit', () => {
    it('writes every part of an allowed transition', async () => {
      const store = current();
      const { generation, run } = await submitted(store);
      const before = await store.load(generation.id);
      const transition = byHolder(run, {
        expectedSequence: 1,
        generation: { state: 'running', startedAt: 1_500, warnings: [{ code: 'a_b', message: 'm' }] },
        updateRuns: [
          { id: run.id, state: 'completed', result: { plans: [[1]] }, durationMs: 3.5, attempts: { transient: 1 } },
        ],
        insertRuns: [
          exampleRun(generation, { stage: 'denoising', sampleIndex: 0, candidateIndex: 0, state: 'waiting' }),
        ],
        events: [startedEvent, { ...startedEvent, type: 'stage.completed' }],
        outbox: [exampleMessage(generation.id, 'next')],
        charges: [charge(generation, 0), charge(generation, 1)],
        spentMs: { tenantId: generation.tenantId, stage: 'denoising', ms: 3.5 },
      });
      expect(await store.commit(transition)).toBe('applied');
      expect(await store.load(generation.id)).toEqual(before && applyTransition(before, transition));
      expect((await store.readEvents(generation.id, 0, 10)).map(({ sequence, type }) => [sequence, type])).toEqual([
        [1, 'generation.queued'],
        [2, 'stage.started'],
        [3, 'stage.completed'],
      ]);
      expect(await outboxOf(store, generation.id)).toEqual(['{}', 'next']);
      expect(await store.charges(generation.id)).toEqual([charge(generation, 0), charge(generation, 1)]);
      const share = (await store.tenantShares()).find(({ tenantId }) => tenantId === generation.tenantId);
      expect(share).toEqual({ tenantId: generation.tenantId, weight: 1, spentMs: 3.5 });
    });

    it('writes nothing at all of a refused transition', async () => {
      const store = current();
      const { generation, run } = await submitted(store);
      const before = await store.load(generation.id);
      const everything: Partial<Transition> = {
        generation: { state: 'failed', error: STALE_ERROR },
        updateRuns: [{ id: run.id, state: 'failed', error: STALE_ERROR }],
        insertRuns: [exampleRun(generation)],
        events: [startedEvent],
        outbox: [exampleMessage(generation.id, 'never')],
        charges: [charge(generation)],
        spentMs: { tenantId: generation.tenantId, stage: 'denoising', ms: 9 },
      };
      const other = await submitted(store);
      const refused: Transition[] = [
        { ...byHolder({ ...run, fence: 1 }), ...everything },
        { ...byHolder({ ...run, state: 'running' }), ...everything },
        { ...byHolder(run), ...everything, guard: { kind: 'run', runId: run.id, fence: 0, states: [] } },
        { ...byHolder(other.run), ...everything, generationId: generation.id },
        { ...whileActive(generation), ...everything, guard: { kind: 'generation-state', state: 'running' } },
        { ...whileActive(generation), ...everything, expectedSequence: 0 },
        { ...byHolder(run), ...everything, expectedSequence: 2 },
        { ...whileActive({ ...generation, id: newGenerationId() }), ...everything },
      ];
      for (const transition of refused) expect(await store.commit(transition)).toBe('stale');
      expect(await store.load(generation.id)).toEqual(before);
      expect(await store.readEvents(generation.id, 0, 10)).toHaveLength(1);
      expect(await outboxOf(store, generation.id)).toEqual(['{}']);
      expect(await store.charges(generation.id)).toEqual([]);
      const share = (await store.tenantShares()).find(({ tenantId }) => tenantId === generation.tenantId);
      expect(share?.spentMs).toBe(0);
    });

    it('refuses whoever needs a living generation once it has ended, whatever the end', async () => {
      const store = current();
      for (const state of ['succeeded', 'failed', 'canceled', 'rejected'] as const) {
        const { generation } = await submitted(store);
        const end: Transition = {
          generationId: generation.id,
          guard: { kind: 'generation-state', state: 'queued' },
          generation: { state, finishedAt: 3_000 },
        };
        expect(await store.commit(end)).toBe('applied');
        expect(await store.commit(whileActive(generation, { events: [startedEvent] }))).toBe('stale');
      }
    });

    it('lets exactly one of many writers with the same fence win', async () => {
      const store = current();
      const { generation, run } = await submitted(store);
      const writers = Array.from({ length: 10 }, (_, index) =>
        store.commit(
          byHolder(run, {
            updateRuns: [{ id: run.id, state: 'dispatched', fence: 1, workerId: `worker-${index}` }],
            events: [{ ...startedEvent, data: { writer: index } }],
          }),
        ),
      );
      const results = await Promise.all(writers);
      expect(results.filter((result) => result === 'applied')).toHaveLength(1);
      const winner = results.indexOf('applied');
      expect((await store.load(generation.id))?.runs[0]).toMatchObject({ fence: 1, workerId: `worker-${winner}` });
      expect((await store.readEvents(generation.id, 1, 10)).map(({ data }) => data)).toEqual([{ writer: winner }]);
    });

    it('refuses the second of two decisions made on the same log', async () => {
      const store = current();
      const { generation, run } = await submitted(store);
      const sibling = exampleRun(generation, { stage: 'decoding', outputIndex: 1 });
      await store.commit(whileActive(generation, { insertRuns: [sibling] }));
      const decide = (one: StageRun) =>
        store.commit(
          byHolder(one, {
            expectedSequence: 1,
            updateRuns: [{ id: one.id, state: 'completed' }],
            events: [{ ...startedEvent, type: 'stage.completed' }],
          }),
        );
      expect((await Promise.all([decide(run), decide(sibling)])).sort()).toEqual(['applied', 'stale']);
    });

    it('numbers the log 1, 2, 3 ... without gaps or repeats under simultaneous commits', async () => {
      const store = current();
      const { generation } = await submitted(store);
      const commits = Array.from({ length: 40 }, (_, index) =>
        store.commit(whileActive(generation, { events: Array.from({ length: index % 4 }, () => startedEvent) })),
      );
      expect(new Set(await Promise.all(commits))).toEqual(new Set(['applied']));
      const sequences = (await store.readEvents(generation.id, 0, 1_000)).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
      expect((await store.load(generation.id))?.lastSequence).toBe(61);
    });

    it('charges a sample once: whoever comes second is refused as a whole', async () => {
      const store = current();
      const { generation } = await submitted(store);
      const attempts = Array.from({ length: 6 }, (_, index) =>
        store.commit(
          whileActive(generation, {
            charges: [{ ...charge(generation), computeMs: index }],
            events: [{ ...startedEvent, type: 'sample.succeeded', data: { index } }],
          }),
        ),
      );
      const results = await Promise.all(attempts);
      expect(results.filter((result) => result === 'applied')).toHaveLength(1);
      const winner = results.indexOf('applied');
      expect((await store.charges(generation.id)).map(({ computeMs }) => computeMs)).toEqual([winner]);
      expect((await store.readEvents(generation.id, 1, 10)).map(({ data }) => data)).toEqual([{ index: winner }]);
    });

    it('writes only the fields given, clears by null, and takes runs that change differently together', async () => {
      const store = current();
      const { generation, run } = await submitted(store, exampleGeneration(), {
        workerId: 'w1',
        leaseUntil: 5_000,
        error: STALE_ERROR,
        checkpoint: { step: 3 },
      });
      const sibling = exampleRun(generation, { stage: 'denoising', steps: 8, step: 2 });
      await store.commit(whileActive(generation, { insertRuns: [sibling] }));
      const before = await store.load(generation.id);
      const transition = whileActive(generation, {
        generation: { expansion: null, startedAt: 1_234 },
        updateRuns: [
          { id: run.id, workerId: null, leaseUntil: null, error: null, checkpoint: null },
          { id: sibling.id, step: 3, previewKey: 'a/b.webp', lostWorkers: ['w0', 'w1'] },
        ],
      });
      expect(await store.commit(transition)).toBe('applied');
      expect(await store.load(generation.id)).toEqual(before && applyTransition(before, transition));
    });

    it('never touches a run of another generation', async () => {
      const store = current();
      const [mine, other] = [await submitted(store), await submitted(store)];
      await store.commit(whileActive(mine.generation, { updateRuns: [{ id: other.run.id, state: 'canceled' }] }));
      expect((await store.load(other.generation.id))?.runs).toEqual([other.run]);
    });
  });
}
