import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepSchedule } from './index.js';

const manifest = {
  schedules: [
    { steps: 4, t: [1, 0.9, 0.7, 0.4, 0] },
    { steps: 8, t: [1, 0.97, 0.9, 0.82, 0.72, 0.6, 0.45, 0.25, 0] },
  ],
};

describe('a step schedule', () => {
  it('is the one of the manifest where it lists the number of steps', () => {
    expect(stepSchedule(manifest, 4)).toEqual([1, 0.9, 0.7, 0.4, 0]);
  });

  it('is sampled from the nearest listed one otherwise', () => {
    expect(stepSchedule(manifest, 2)).toEqual([1, 0.7, 0]);
    expect(stepSchedule(manifest, 16).filter((_, index) => index % 2 === 0)).toEqual(manifest.schedules[1]?.t);
  });

  it('falls from 1 to 0 for every number of steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (steps) => {
        const t = stepSchedule(manifest, steps);
        expect([t.length, t[0], t.at(-1)]).toEqual([steps + 1, 1, 0]);
        expect(t.every((time, index) => index === 0 || time < (t[index - 1] as number))).toBe(true);
      }),
    );
  });
});
