import { describe, expect, it } from 'vitest';
import { metricTables } from './metric-tables.ts';
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

  it('show a curve as a row per load, and what it breaks down by process as a second table', () => {
    const curve = [
      { jobs_per_s: 1, p50: 9, by_process: { api: 2, kafka: 3 } },
      { jobs_per_s: 5, p50: 8, windows: [1, 2], by_process: { api: 1, redis: 4 } },
    ];
    expect(metricTables({ jobs: 6, idle: { api: 0.1 }, curve }).split('\n')).toEqual([
      ...['| metric | value |', '| --- | --- |', '| jobs | 6 |', ''],
      ...['### idle', '', '|  | value |', '| --- | --- |', '| api | 0.1 |', ''],
      ...[
        '### curve',
        '',
        '| jobs_per_s | p50 | windows |',
        '| --- | --- | --- |',
        '| 1 | 9 |  |',
        '| 5 | 8 | 1, 2 |',
        '',
      ],
      ...['### by_process', '', '| jobs_per_s | api | kafka | redis |', '| --- | --- | --- | --- |'],
      ...['| 1 | 2 | 3 |  |', '| 5 | 1 |  | 4 |'],
    ]);
  });
});
