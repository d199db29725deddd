import { describe, expect, it } from 'vitest';
import { markdownReport, mergeReports } from './report.ts';
import { isPassed, type SuiteResult, unmetGoals } from './suite-result.ts';

const result = (changes: Partial<SuiteResult> = {}): SuiteResult => ({
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

  it('replaces its own rows in the report and leaves those of the other profile', () => {
    const before = { results: [result(), result({ profile: 'cluster', jobs: 5 })], caught: [] };
    const merged = mergeReports(before, { results: [result({ jobs: 20 })], caught: [] });
    expect(merged.results.map(({ profile, jobs }) => [profile, jobs])).toEqual([
      ['embedded', 20],
      ['cluster', 5],
    ]);
  });

  it('names missed goals and planted bugs that nobody found', () => {
    const goals = [{ what: 'points killed at', value: 15, bound: 'exactly' as const, limit: 16 }];
    const caught = [{ name: 'no fence check', what: 'anything goes', suite: 7, found: 0 }];
    const page = markdownReport({ results: [result({ goals, unmet: unmetGoals(goals) })], caught });
    expect(page).toContain('**missed**: points killed at 15 (exactly 16)');
    expect(page).toContain('**missed**: no fence check');
  });
});
