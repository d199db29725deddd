import { describe, expect, it } from 'vitest';
import { benchmarksPage, percentile } from './result-file.ts';

describe('benchmark results', () => {
  it('are percentiles by nearest rank', () => {
    const values = [4, 1, 3, 2];
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 0)]).toEqual([2, 4, 1]);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('stand on the page with the machine and the command that made them', () => {
    const page = benchmarksPage([
      {
        name: 'draw',
        date: '2026-01-02',
        commit: 'abc1234',
        command: 'run it',
        machine: 'two cores',
        metrics: { seconds_p50: 1.5 },
      },
    ]);
    expect(page).toContain('`run it`, 2026-01-02, commit abc1234, two cores');
    expect(page).toContain('| seconds_p50 | 1.5 |');
  });
});
