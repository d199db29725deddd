import { GENERATION_STATES, type GenerationState } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GenerationChange,
  isDispatchable,
  isGenerationTerminal,
  isInFlight,
  isRunActive,
  nextGenerationState,
  nextRunState,
  STAGE_RUN_CHANGES,
  STAGE_RUN_STATES,
  type StageRunChange,
  type StageRunState,
} from './index.js';

const GENERATION_CHANGES = ['start', 'succeed', 'fail', 'reject', 'cancel'] as const;

describe('a stage run', () => {
  it('changes along the documented edges and along no others', () => {
    const edges = STAGE_RUN_STATES.flatMap((state) =>
      STAGE_RUN_CHANGES.flatMap((change) => {
        const next = nextRunState(state, change);
        return next ? [`${state} -${change}-> ${next}`] : [];
      }),
    );
    const ends = ['fail', 'abandon', 'cancel'].flatMap((change) =>
      ['waiting', 'ready', 'dispatched', 'running'].map((state) => `${state} -${change}-> ${endOf(change)}`),
    );
    expect(edges.sort()).toEqual(
      [
        'waiting -release-> ready',
        'ready -dispatch-> dispatched',
        'dispatched -start-> running',
        'dispatched -complete-> completed',
        'ready -complete-> completed',
        'running -complete-> completed',
        'dispatched -retry-> ready',
        'running -retry-> ready',
        ...ends,
      ].sort(),
    );
  });

  it('never leaves an end, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STAGE_RUN_CHANGES)), (changes) => {
        let state: StageRunState = 'waiting';
        for (const change of changes) {
          const next = nextRunState(state, change);
          if (!isRunActive(state)) expect(next).toBeNull();
          state = next ?? state;
        }
      }),
    );
  });

  it('is completed at most once between two dispatches, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STAGE_RUN_CHANGES)), (changes) => {
        let state: StageRunState = 'waiting';
        let completions = 0;
        for (const change of changes) {
          const next = nextRunState(state, change);
          if (next && change === 'complete') completions += 1;
          state = next ?? state;
        }
        expect(completions).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is exactly one of dispatchable, in flight, waiting or at its end', () => {
    for (const state of STAGE_RUN_STATES) {
      const kinds = [isDispatchable(state), isInFlight(state), state === 'waiting', !isRunActive(state)];
      expect(kinds.filter(Boolean)).toHaveLength(1);
    }
  });
});

describe('a generation', () => {
  it('reaches exactly one terminal state and stays there', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<GenerationChange>(...GENERATION_CHANGES)), (changes) => {
        const reached: GenerationState[] = [];
        let state: GenerationState = 'queued';
        for (const change of changes) {
          const next = nextGenerationState(state, change);
          if (next && isGenerationTerminal(next)) reached.push(next);
          state = next ?? state;
        }
        expect(reached.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('succeeds only while it runs, and is refused, failed or canceled from any state before its end', () => {
    const from = (change: GenerationChange) => GENERATION_STATES.filter((state) => nextGenerationState(state, change));
    expect(from('start')).toEqual(['queued']);
    expect(from('succeed')).toEqual(['running']);
    for (const change of ['fail', 'reject', 'cancel'] as const) expect(from(change)).toEqual(['queued', 'running']);
  });
});

const endOf = (change: string): string =>
  (({ fail: 'failed', abandon: 'abandoned', cancel: 'canceled' }) satisfies Partial<Record<StageRunChange, string>>)[
    change as 'fail'
  ];
