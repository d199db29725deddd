import type { JobRun } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { summariseStages } from './stage-summary.js';

const run = (stage: JobRun['stage'], waited: number | null, worked: number | null, attempt = 1) =>
  ({
    stage,
    attempt,
    ready_at: 100,
    started_at: waited === null ? null : 100 + waited,
    finished_at: null,
    duration_ms: worked,
  }) as JobRun;

describe('summariseStages', () => {
  it('adds up the runs of each stage, in the order of the stages, with their share of the work', () => {
    const runs = [run('decoding', 5, 100), run('denoising', 10, 200), run('denoising', 40, 100, 2)];
    expect(summariseStages({ runs })).toEqual([
      { stage: 'denoising', runs: 2, repeated: 1, waitedMs: 50, workedMs: 300, share: 0.75 },
      { stage: 'decoding', runs: 1, repeated: 0, waitedMs: 5, workedMs: 100, share: 0.25 },
    ]);
  });

  it('counts what has not started as nothing, and clocks that differ as no wait', () => {
    const runs = [run('denoising', null, null), run('decoding', -8, null)];
    expect(summariseStages({ runs }).map(({ waitedMs, share }) => [waitedMs, share])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
