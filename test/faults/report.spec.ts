import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownReport, mergeRows, readRows, saveRow } from './report.ts';
import { isPassed, type ReportRow, unmetGoals } from './suite-result.ts';

const result = (changes: Partial<ReportRow> = {}): ReportRow => ({
  suite: 1,
  fault: 'kill -9',
  profile: 'embedded',
  machine: 'two cores',
  jobs: 10,
  lost: 0,
  duplicated: 0,
  charged_twice: 0,
  stale_writes_rejected: 0,
  dispatched_again_s_p95: null,
  restart_s_p95: null,
  recovery_s_p95: null,
  details: {},
  goals: [],
  unmet: [],
  violations: [],
  measured_at: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  seconds: 6,
  scale: 1,
  ...changes,
});

describe('a run of fault suites', () => {
  it('is no success with a violation, with a missed goal, or with no suite at all', () => {
    expect(isPassed([result()])).toBe(true);
    expect(isPassed([])).toBe(false);
    expect(isPassed([result(), result({ unmet: ['points killed at: 15 instead of exactly 16'] })])).toBe(false);
    expect(isPassed([result({ violations: [{ kind: 'lost', job: 'gen_1', detail: 'is gone' }] })])).toBe(false);
  });

  it('misses a goal by a figure on the wrong side and by one that was not measured', () => {
    const goal = { what: 'seconds', bound: 'at most' as const, limit: 20 };
    expect(unmetGoals([{ ...goal, value: 20 }])).toEqual([]);
    expect(unmetGoals([{ ...goal, value: 20.1 }])).toHaveLength(1);
    expect(unmetGoals([{ ...goal, value: Number.NaN }])).toHaveLength(1);
    expect(unmetGoals([{ what: 'points', value: 15, bound: 'exactly', limit: 16 }])).toHaveLength(1);
    expect(unmetGoals([{ what: 'resumed', value: 0, bound: 'at least', limit: 1 }])).toHaveLength(1);
  });

  it('is no success when a planted bug was not found', () => {
    const planted = { name: 'no fence check', what: 'anything goes' };
    expect(isPassed([result({ planted: [{ ...planted, found: 2 }] })])).toBe(true);
    expect(isPassed([result({ planted: [{ ...planted, found: 0 }] })])).toBe(false);
  });

  it('replaces its own rows in the report and leaves those of the other profile', () => {
    const merged = mergeRows([result(), result({ profile: 'cluster', jobs: 5 })], [result({ jobs: 20 })]);
    expect(merged.map(({ profile, jobs }) => [profile, jobs])).toEqual([
      ['embedded', 20],
      ['cluster', 5],
    ]);
  });

  it('leaves a list of rows behind after every suite, so that a run that is cut off keeps what it has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-fault-report-'));
    try {
      await saveRow(folder, result({ suite: 2 }));
      await saveRow(folder, result({ suite: 1, profile: 'cluster' }));
      const rows = await readRows(folder);
      expect(rows.map(({ suite, profile, commit }) => [suite, profile, commit])).toEqual([
        [2, 'embedded', 'abc1234'],
        [1, 'cluster', 'abc1234'],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('names missed goals, planted bugs that nobody found, and where its rows come from', () => {
    const goals = [{ what: 'points killed at', value: 15, bound: 'exactly' as const, limit: 16 }];
    const planted = [{ name: 'no fence check', what: 'anything goes', found: 0 }];
    const page = markdownReport([result({ goals, unmet: unmetGoals(goals), planted })]);
    expect(page).toContain('**missed**: points killed at 15 (exactly 16)');
    expect(page).toContain('**missed**: no fence check');
    expect(page).toContain('commit abc1234, 6 s on two cores');
  });
});
