import { CRASH_POINTS } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { crashPoints } from './suites/crash-points.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { flood } from './suites/flood.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';

/** Real: the built platform as a process that is killed, with the tiny weights; a few jobs of each suite. */
describe('under faults no accepted job is lost, doubled or charged twice', { timeout: 300_000 }, () => {
  it('suite 1: kill -9 at named points', async () => {
    const points = CRASH_POINTS.filter((_, index) => index % 3 === 1);
    const result = await crashPoints({ seed: 3, rounds: 1, jobsPerLife: 5, points });
    expect(result.violations).toEqual([]);
    expect(result.details.kills).toBeGreaterThanOrEqual(points.length - 1);
  });

  it('suite 2: kill -9 at denoise steps goes on from the checkpoint, to the same bytes', async () => {
    const result = await denoiseSteps({ seed: 4, rounds: 1, jobsPerLife: 7, steps: [2, 5, 8] });
    expect(result.violations).toEqual([]);
    expect(result.details.resumed_runs).toBeGreaterThan(0);
    expect(result.details.wasted_steps_max).toBeLessThanOrEqual(1);
  });

  it('suite 7: every message three times, late, in another order', async () => {
    const result = await repeatedMessages({ seed: 5, jobs: 20 });
    expect(result.violations).toEqual([]);
    expect(result.stale_writes_rejected).toBeGreaterThan(0);
  });

  it('suite 9: a flood leaves another tenant its share', async () => {
    // A turn is 50 ms, about ten of these small jobs: a share is only seen over several turns of both.
    const result = await flood({ flood: 140, measured: 3, competing: 60 });
    expect(result.violations).toEqual([]);
    expect(result.details.share_of_weight).toBeGreaterThan(0.3);
  });
});
