import type { JobRun } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { waterfall } from './waterfall-scale.js';

const T0 = 1_000_000;

const run = (id: string, ready: number | null, started: number | null, finished: number | null): JobRun => ({
  id,
  stage: 'denoising',
  state: finished === null ? 'running' : 'succeeded',
  sample: 0,
  candidate: 0,
  output: null,
  attempt: 1,
  worker: 'w',
  ready_at: ready === null ? null : T0 + ready,
  started_at: started === null ? null : T0 + started,
  finished_at: finished === null ? null : T0 + finished,
  predicted_ms: 1,
  duration_ms: null,
  error: null,
});

describe('waterfall', () => {
  it('places waiting and working of each run as shares of the time from acceptance to the end', () => {
    const chart = waterfall({ created_at: T0, finished_at: T0 + 200, runs: [run('a', 0, 50, 150)] }, T0 + 9_000);
    expect(chart.spanMs).toBe(200);
    expect(chart.rows[0]).toMatchObject({ waiting: { from: 0, length: 0.25 }, working: { from: 0.25, length: 0.5 } });
  });

  it('lets unfinished runs reach to now and gives runs that are not ready no bar', () => {
    const runs = [run('later', null, null, null), run('now', 0, 100, null)];
    const chart = waterfall({ created_at: T0, finished_at: null, runs }, T0 + 400);
    expect(chart.rows.map(({ run: { id } }) => id)).toEqual(['now', 'later']);
    expect(chart.rows[0]?.working).toEqual({ from: 0.25, length: 0.75 });
    expect(chart.rows[1]).toMatchObject({ waiting: null, working: null });
  });

  it('shows a run that was canceled before it started as waiting only', () => {
    const chart = waterfall({ created_at: T0, finished_at: T0 + 100, runs: [run('a', 20, null, 80)] }, T0);
    expect(chart.rows[0]).toMatchObject({ waiting: { from: 0.2, length: 0.6 }, working: null });
  });

  it('dates a run back that told nothing before its end', () => {
    const short = { ...run('a', 20, null, 80), duration_ms: 40 };
    const chart = waterfall({ created_at: T0, finished_at: T0 + 100, runs: [short] }, T0);
    expect(chart.rows[0]).toMatchObject({ waiting: { from: 0.2, length: 0.2 }, working: { from: 0.4, length: 0.4 } });
  });

  it('keeps every bar inside the axis, also when clocks of workers differ', () => {
    const runs = [run('early', -50, -20, 30), run('late', 10, 20, 500)];
    for (const { waiting, working } of waterfall({ created_at: T0, finished_at: T0 + 100, runs }, T0).rows) {
      for (const stretch of [waiting, working]) {
        expect(stretch?.from).toBeGreaterThanOrEqual(0);
        expect(stretch?.length).toBeGreaterThanOrEqual(0);
        expect((stretch?.from ?? 0) + (stretch?.length ?? 0)).toBeLessThanOrEqual(1 + 1e-9);
      }
    }
  });

  it.each([1, 7, 39, 100, 1_234, 59_000, 3_600_000])('marks an axis of %i ms at 3 to 11 round times', (spanMs) => {
    const { ticks } = waterfall({ created_at: T0, finished_at: T0 + spanMs, runs: [] }, T0);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(11);
    expect(ticks[0]).toEqual({ ms: 0, at: 0 });
    expect(ticks.at(-1)?.at).toBeLessThanOrEqual(1 + 1e-9);
  });
});
