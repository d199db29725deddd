import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdmissionLimits,
  admission,
  CostModel,
  generationMs,
  MIN_RETRY_AFTER_MS,
  type ServingCapacity,
  type TenantLoad,
} from './index.js';

const ONE: ServingCapacity = { parallel: 1, maxPixels: 65_536 };
const load = (tenantId: string, remainingMs: number, changes: Partial<TenantLoad> = {}): TenantLoad => ({
  tenantId,
  weight: 1,
  jobs: Math.ceil(remainingMs / 100),
  remainingMs,
  ...changes,
});
const ask = (loads: readonly TenantLoad[], limits: AdmissionLimits = {}, capacity = ONE, tenantId = 'ten_a') =>
  admission({ tenantId, predictedMs: 100, pixels: 65_536 }, loads, limits, capacity);

describe('admission', () => {
  it('accepts everything where nothing bounds it, and says when it will be done', () => {
    expect(ask([])).toEqual({ kind: 'accept', estimateMs: 100 });
    expect(ask([load('ten_a', 1_000)])).toEqual({ kind: 'accept', estimateMs: 1_100 });
  });

  it('lets a flood of another tenant delay a job by its fair share alone', () => {
    expect(ask([load('ten_flood', 1_000_000)])).toEqual({ kind: 'accept', estimateMs: 200 });
    expect(ask([load('ten_flood', 1_000_000, { weight: 3 })])).toEqual({ kind: 'accept', estimateMs: 400 });
    expect(ask([load('ten_small', 30)])).toEqual({ kind: 'accept', estimateMs: 130 });
  });

  it('divides the waiting time by the engines that work at the same time', () => {
    const capacity = { ...ONE, parallel: 4 };
    expect(ask([load('ten_a', 700)], {}, capacity)).toEqual({ kind: 'accept', estimateMs: 200 });
  });

  it("bounds one tenant's jobs and leaves the others alone", () => {
    const loads = [load('ten_a', 1_000, { jobs: 10 })];
    const limits = { maxJobsPerTenant: 10 };
    expect(ask(loads, limits)).toMatchObject({
      kind: 'refuse',
      code: 'queue_full',
      bound: 'maxJobsPerTenant',
      limit: 10,
      estimateMs: 1_100,
    });
    expect(ask(loads, limits, ONE, 'ten_b').kind).toBe('accept');
  });

  it('bounds the jobs of all tenants together, for everybody', () => {
    const loads = [load('ten_a', 500, { jobs: 5 }), load('ten_b', 500, { jobs: 5 })];
    expect(ask(loads, { maxJobs: 10 }, ONE, 'ten_c')).toMatchObject({ kind: 'refuse', bound: 'maxJobs' });
    expect(ask(loads, { maxJobs: 11 }, ONE, 'ten_c').kind).toBe('accept');
  });

  it('bounds predicted work rather than the number of jobs where that is asked for', () => {
    const loads = [load('ten_a', 60_000, { jobs: 1 })];
    expect(ask(loads, { maxRemainingMsPerTenant: 30_000 })).toMatchObject({
      bound: 'maxRemainingMsPerTenant',
      retryAfterMs: 30_100,
    });
    expect(ask(loads, { maxRemainingMs: 30_000 }, ONE, 'ten_b')).toMatchObject({ bound: 'maxRemainingMs' });
  });

  it('never refuses for ever: a job larger than a bound is taken while nothing waits', () => {
    expect(ask([], { maxRemainingMsPerTenant: 50, maxRemainingMs: 50 }).kind).toBe('accept');
  });

  it('says when to come back: coming back then is enough, at the fair share of a loaded platform', () => {
    const anyLoad = fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      jobs: fc.integer({ min: 1, max: 200 }),
      jobMs: fc.integer({ min: 10, max: 2_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyLoad, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 150 }), (all, limit) => {
        const loads = all.map(({ weight, jobs, jobMs }, index) => ({
          tenantId: index === 0 ? 'ten_a' : `ten_${index}`,
          weight,
          jobs,
          remainingMs: jobs * jobMs,
        }));
        const limits = { maxJobsPerTenant: limit };
        const decision = ask(loads, limits);
        if (decision.kind === 'accept') return;
        if (decision.code !== 'queue_full') throw new Error('a worker is there');
        expect(decision.retryAfterMs).toBeGreaterThanOrEqual(MIN_RETRY_AFTER_MS);
        expect(ask(served(loads, decision.retryAfterMs), limits).kind).toBe('accept');
      }),
    );
  });

  it('refuses as "no worker" what no live worker can draw, and what nobody is there for', () => {
    expect(ask([], {}, { parallel: 1, maxPixels: null })).toMatchObject({ kind: 'refuse', code: 'no_worker' });
    expect(ask([], {}, { parallel: 1, maxPixels: 65_535 })).toMatchObject({ kind: 'refuse', code: 'no_worker' });
  });
});

/** The fluid fair queue, in small steps: the reference that the closed form is held against. */
function served(loads: readonly TenantLoad[], ms: number): TenantLoad[] {
  const left = loads.map(({ remainingMs }) => remainingMs);
  for (let timeLeft = ms; timeLeft > 1e-6; ) {
    const active = loads.map((_, index) => (left[index] as number) > 1e-6);
    const weight = loads.reduce((sum, one, index) => sum + (active[index] ? one.weight : 0), 0);
    if (weight === 0) break;
    const untilNextEmpty = loads.map((one, index) =>
      active[index] ? ((left[index] as number) * weight) / one.weight : Number.POSITIVE_INFINITY,
    );
    const step = Math.min(timeLeft, ...untilNextEmpty);
    for (const [index, one] of loads.entries()) {
      if (active[index]) left[index] = (left[index] as number) - (step * one.weight) / weight;
    }
    timeLeft -= step;
  }
  return loads.map((one, index) => {
    const remainingMs = Math.max(left[index] as number, 0);
    // Rounded against a part of a job that floating point left over.
    return { ...one, remainingMs, jobs: Math.ceil((remainingMs / one.remainingMs) * one.jobs - 1e-6) };
  });
}

describe('the predicted time of a whole generation', () => {
  const costs = new CostModel({
    costModel: { prefixMs: 10, stepMs: 20, decodeMs: 30, encodeMs: 40, scoreMs: 7 },
    defaultSize: { widthPx: 256, heightPx: 256 },
  });
  const request = {
    size: { widthPx: 256, heightPx: 256 },
    steps: 8,
    outputs: 1,
    samples: 1,
    bestOf: 1,
    references: [],
  };

  it('is that of its runs: one expansion, and denoising, decoding and scoring for each candidate', () => {
    const oneMs = generationMs(request, costs, true);
    expect(oneMs).toBe(5 + 170 + 30 + 7);
    expect(generationMs(request, costs, false)).toBe(oneMs - 7);
    expect(generationMs({ ...request, samples: 2, bestOf: 3 }, costs, true)).toBe(5 + 6 * 207);
  });

  it('grows with outputs drawn jointly, which are decoded one by one', () => {
    expect(generationMs({ ...request, outputs: 3 }, costs, false)).toBe(5 + 510 + 90);
  });
});
