import type { StageErrorClass } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetry, lossCounts, MAX_EXECUTIONS, RETRY_LIMITS } from './index.js';

const CLASSES = Object.keys(RETRY_LIMITS) as StageErrorClass[];

/** Fails a run with these classes one after the other; returns the number of executions and how it ended. */
function failWith(classes: Iterable<StageErrorClass>, counts = true, onFreshWorker = false) {
  const attempts: Partial<Record<StageErrorClass, number>> = {};
  let fence = 0;
  for (const errorClass of classes) {
    fence += 1;
    const decision = decideRetry({ errorClass, attempts, fence, counts, onFreshWorker }, 0.5);
    if (decision.kind === 'give-up') return { executions: fence, gaveUp: true, quarantined: decision.quarantined };
    if (counts) attempts[errorClass] = (attempts[errorClass] ?? 0) + 1;
  }
  return { executions: fence, gaveUp: false, quarantined: false };
}

function* forever(errorClass: StageErrorClass): Generator<StageErrorClass> {
  for (;;) yield errorClass;
}

describe('the retry policy', () => {
  it('gives each class its number of retries', () => {
    const executions = Object.fromEntries(CLASSES.map((one) => [one, failWith(forever(one)).executions]));
    expect(executions).toEqual({ transient: 6, 'out-of-memory': 2, 'worker-lost': 3, invalid: 1, expired: 1 });
  });

  it('quarantines a run that has lost two different workers, or the same one three times', () => {
    expect(failWith(forever('worker-lost'), true, true)).toEqual({ executions: 2, gaveUp: true, quarantined: true });
    expect(failWith(forever('worker-lost'), true, false)).toEqual({ executions: 3, gaveUp: true, quarantined: true });
    const transient = failWith(forever('transient'), true, true);
    expect(transient.executions).toBe(6);
  });

  it('quarantines a run only for the workers it lost', () => {
    for (const one of CLASSES) expect(failWith(forever(one)).quarantined).toBe(one === 'worker-lost');
  });

  it('ends every run, whatever mixture of failures it meets, counted or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...CLASSES), { minLength: MAX_EXECUTIONS, maxLength: 40 }),
        fc.boolean(),
        (classes, counts) => {
          const { gaveUp, executions } = failWith(classes, counts);
          expect(gaveUp).toBe(true);
          expect(executions).toBeLessThanOrEqual(MAX_EXECUTIONS);
        },
      ),
    );
  });

  it('counts each class by itself: a lost worker takes nothing from the transient retries', () => {
    expect(failWith(['worker-lost', 'transient', 'worker-lost', 'out-of-memory', 'transient']).gaveUp).toBe(false);
  });

  it('backs off exponentially with jitter in the upper half, up to 30 s', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (before, random) => {
          const decision = decideRetry(
            {
              errorClass: 'transient',
              attempts: { transient: before },
              fence: before + 1,
              counts: true,
              onFreshWorker: false,
            },
            random,
          );
          const fullMs = Math.min(200 * 2 ** before, 30_000);
          if (decision.kind !== 'retry') throw new Error('gave up too early');
          expect(decision.delayMs).toBeGreaterThanOrEqual(fullMs / 2);
          expect(decision.delayMs).toBeLessThanOrEqual(fullMs);
        },
      ),
    );
  });
});

describe('a lost worker', () => {
  it('counts only against a run that was executing and moved its checkpoint nowhere', () => {
    const checkpoint = (step: number, sinceStep: number) => ({ step, sinceStep, checkpoint: null });
    expect(lossCounts({ started: true, checkpoint: null })).toBe(true);
    expect(lossCounts({ started: true, checkpoint: checkpoint(3, 3) })).toBe(true);
    expect(lossCounts({ started: true, checkpoint: checkpoint(4, 3) })).toBe(false);
    expect(lossCounts({ started: false, checkpoint: null })).toBe(false);
  });
});
