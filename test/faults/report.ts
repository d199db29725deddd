import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catch } from './hunts.ts';
import { type Goal, isMet, type SuiteResult } from './suite-result.ts';

export interface Report {
  readonly results: readonly SuiteResult[];
  readonly caught: readonly Catch[];
}

/** Writes `fault-report.json` and `fault-report.md` into `folder`; rows of other suites and profiles stay. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  const merged = mergeReports(await readReport(folder), report);
  await writeFile(join(folder, 'fault-report.json'), `${JSON.stringify(merged, null, 2)}\n`);
  await writeFile(join(folder, 'fault-report.md'), markdownReport(merged));
}

/** An earlier report; an empty one where there is none, or one of another form. */
async function readReport(folder: string): Promise<Report> {
  const text = await readFile(join(folder, 'fault-report.json'), 'utf8').catch(() => '{}');
  const { results = [], caught = [] } = JSON.parse(text) as Partial<Report>;
  return { results, caught };
}

/** New results take the place of those of the same suite and profile. */
export function mergeReports(before: Report, report: Report): Report {
  const keyOf = ({ profile, suite }: SuiteResult) => `${profile} ${suite}`;
  const fresh = new Set(report.results.map(keyOf));
  const results = [...before.results.filter((row) => !fresh.has(keyOf(row))), ...report.results].sort(
    (a, b) => b.profile.localeCompare(a.profile) || a.suite - b.suite,
  );
  return { results, caught: report.caught.length > 0 ? report.caught : before.caught };
}

export function markdownReport({ results, caught }: Report): string {
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
    `${total(({ jobs }) => jobs)} jobs, ${total(({ violations }) => violations.length)} violations.`,
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
    ...results.map(({ suite, profile, machine, details }) => {
      const counted = Object.entries(details).filter(([, value]) => value !== '');
      return `- ${suite}, ${profile} (${machine}): ${counted.map(([name, value]) => `${name} ${value}`).join(', ')}`;
    }),
    ...violationLines(results),
    ...(caught.length === 0 ? [] : ['', '## Planted bugs', '', PLANTED, '', ...caught.map(catchLine)]),
    '',
  ].join('\n');
}

const PLANTED =
  'The same suites against the same platform with a mistake planted in its code: each must be found, or finding none says nothing.';

const catchLine = ({ name, what, suite, found }: Catch): string =>
  `- ${found > 0 ? 'found' : '**missed**'}: ${name} (${what}): ${found} violations in suite ${suite}`;

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
