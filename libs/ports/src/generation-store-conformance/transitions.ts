import type { Stage } from '@atelier/contracts';
import { expect, it } from 'vitest';
import { applyTransition, isApplicable, numberEvents } from '../apply-transition.js';
import {
  type Generation,
  type GenerationAggregate,
  type GenerationStore,
  STAGE_RUN_STATES,
  type StageRun,
  type Transition,
} from '../generation-store.port.js';
import { exampleGeneration, exampleRun, exampleSubmission, queuedEvent, startedEvent } from './examples.js';

/** Mulberry32: a small seeded generator, so that a failing sequence can be run again. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
};

const STAGE_OF_NEW_RUN: readonly Stage[] = ['denoising', 'decoding', 'scoring'];
const FIELDS: readonly ((value: number) => Partial<StageRun>)[] = [
  (value) => ({ state: STAGE_RUN_STATES[value % STAGE_RUN_STATES.length] ?? 'ready' }),
  (value) => ({ fence: value }),
  (value) => ({ workerId: value % 2 === 0 ? null : `w${value}` }),
  (value) => ({ leaseUntil: value % 3 === 0 ? null : 1_795_499_536_901 + value }),
  (value) => ({ result: value % 2 === 0 ? null : { score: value / 7, list: [value] } }),
  (value) => ({ input: { resume: { step: value } }, attempts: { transient: value } }),
  (value) => ({ durationMs: value / 3, step: value, steps: 8, finishedAt: value }),
  (value) => ({ error: value % 2 === 0 ? null : { class: 'invalid', code: 'c', message: `m${value}` } }),
  (value) => ({ checkpoint: value % 2 === 0 ? null : { step: value }, previewKey: `p/${value}` }),
];

const randomTransition = (generation: Generation, aggregate: GenerationAggregate, below: (bound: number) => number) => {
  const anyRun = (): StageRun => aggregate.runs[below(aggregate.runs.length)] as StageRun;
  const guardRun = anyRun();
  const guards: readonly Transition['guard'][] = [
    { kind: 'generation-active' },
    { kind: 'generation-state', state: below(2) === 0 ? 'queued' : 'running' },
    { kind: 'run', runId: guardRun.id, fence: guardRun.fence + (below(4) === 0 ? 1 : 0), states: [guardRun.state] },
  ];
  const updated = new Map(
    Array.from({ length: below(4) }, () => {
      const changes = Array.from({ length: below(4) }, () => FIELDS[below(FIELDS.length)]?.(below(9)));
      const id = anyRun().id;
      return [id, Object.assign({ id }, ...changes) as { id: string } & Partial<StageRun>] as const;
    }),
  );
  const transition: Transition = {
    generationId: generation.id,
    guard: guards[below(guards.length)] as Transition['guard'],
    ...(below(3) === 0 ? { expectedSequence: aggregate.lastSequence - below(2) } : {}),
    ...(below(2) === 0 ? { generation: { state: below(2) === 0 ? 'queued' : 'running', startedAt: below(99) } } : {}),
    updateRuns: [...updated.values()],
    insertRuns: Array.from({ length: below(3) }, (_, index) =>
      exampleRun(generation, {
        stage: STAGE_OF_NEW_RUN[index] ?? 'scoring',
        createdAt: 2_000 + aggregate.runs.length + index,
      }),
    ),
    events: Array.from({ length: below(3) }, () => startedEvent),
  };
  return transition;
};

/** The reference says what a transition means; a store that builds statements may differ for some mix of fields. */
export function transitionSuite(current: () => GenerationStore): void {
  it.each([1, 2, 3])('does what the reference says, transition by transition (seed %i)', async (seed) => {
    const below = randomFrom(seed);
    const generation = exampleGeneration();
    const submission = exampleSubmission(generation);
    await current().submit(submission);
    let expected: GenerationAggregate = { generation, runs: submission.runs, lastSequence: 1 };
    const log = numberEvents([queuedEvent], 0);
    for (let round = 0; round < 60; round += 1) {
      const transition = randomTransition(generation, expected, below);
      const applicable = isApplicable(expected, transition);
      expect(await current().commit(transition)).toBe(applicable ? 'applied' : 'stale');
      if (!applicable) continue;
      log.push(...numberEvents(transition.events ?? [], expected.lastSequence));
      expected = applyTransition(expected, transition);
    }
    expect(await current().load(generation.id)).toEqual(expected);
    expect(await current().readEvents(generation.id, 0, 1_000)).toEqual(log);
  });
}
