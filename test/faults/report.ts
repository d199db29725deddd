import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Goal, isMet, type SuiteResult } from './suite-result.ts';

/** Writes `fault-report.json` and `fault-report.md` into `folder`. */
export async function writeReport(folder: string, results: readonly SuiteResult[], machine: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'fault-report.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, 'fault-report.md'), markdownReport(results, machine));
}

/** Rows of an earlier report; none where there is no report, or one of another form. */
export async function readRows(folder: string): Promise<SuiteResult[]> {
  const text = await readFile(join(folder, 'fault-report.json'), 'utf8').catch(() => '[]');
  const rows = JSON.parse(text) as Partial<SuiteResult>[];
  return rows.filter((row): row is SuiteResult => Array.isArray(row.goals) && Array.isArray(row.violations));
}

/** New results take the place of those of the same suite and profile. */
export function mergeRows(before: readonly SuiteResult[], results: readonly SuiteResult[]): SuiteResult[] {
  const keyOf = ({ profile, suite }: SuiteResult) => `${profile} ${suite}`;
  const fresh = new Set(results.map(keyOf));
  return [...before.filter((row) => !fresh.has(keyOf(row))), ...results].sort(
    (a, b) => b.profile.localeCompare(a.profile) || a.suite - b.suite,
  );
}

export function markdownReport(results: readonly SuiteResult[], machine: string): string {
  const total = (of: (result: SuiteResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const rows = results.map((result) =>
    cells(
      result.suite,
      result.fault,
      result.profile,
      result.jobs,
      result.lost,
      result.duplicated,
      result.charged_twice,
      result.stale_writes_rejected,
      result.dispatched_again_s_p95 ?? '-',
      result.restart_s_p95 ?? '-',
      result.recovery_s_p95 ?? '-',
      result.violations.length,
      `${result.goals.length - result.unmet.length} of ${result.goals.length}`,
    ),
  );
  return [
    '# Fault report',
    '',
    'Written by `npm run faults`. Every suite drives the whole platform as a process of its own, with the tiny weights,',
    'and then reads every accepted job back from the database: exactly one end, no result twice, one charge for each',
    'delivered sample, an event log without gaps, and pictures equal to those of an undisturbed run, byte by byte.',
    '',
    `${total(({ jobs }) => jobs)} jobs, ${total(({ violations }) => violations.length)} violations. ${machine}.`,
    '',
    cells(
      'suite',
      'fault',
      'profile',
      'jobs',
      'lost',
      'duplicated',
      'charged twice',
      'stale results rejected',
      'dispatched anew p95, s',
      'restart p95, s',
      'recovery p95, s',
      'violations',
      'goals met',
    ),
    cells(...Array.from({ length: 13 }, () => '---')),
    ...rows,
    '',
    'Recovery is the time from a kill to the next job that ended, restart the part of it until the API answered again,',
    'dispatched anew how long runs waited after that for an order. What a later kill hindered is not counted.',
    'Stale results are answers of stages that came a second time, or for work that was ordered anew or given up.',
    '',
    '## Goals',
    '',
    ...results.flatMap(({ suite, profile, goals }) =>
      goals.map((goal) => `- ${suite}, ${profile}: ${sentenceOf(goal)}`),
    ),
    '',
    '## Counted in each suite',
    '',
    ...results.map(({ suite, profile, details }) => {
      const counted = Object.entries(details).filter(([, value]) => value !== '');
      return `- ${suite}, ${profile}: ${counted.map(([name, value]) => `${name} ${value}`).join(', ')}`;
    }),
    ...violationLines(results),
    '',
  ].join('\n');
}

const sentenceOf = (goal: Goal): string =>
  `${isMet(goal) ? 'met' : '**missed**'}: ${goal.what} ${goal.value} (${goal.bound} ${goal.limit})`;

const cells = (...values: readonly (string | number)[]): string => `| ${values.join(' | ')} |`;

function violationLines(results: readonly SuiteResult[]): string[] {
  const all = results.flatMap(({ suite, violations }) => violations.map((violation) => ({ suite, ...violation })));
  if (all.length === 0) return [];
  return [
    '',
    '## Violations',
    '',
    ...all.slice(0, 50).map((one) => `- ${one.suite}: ${one.kind}, ${one.job}: ${one.detail}`),
  ];
}
