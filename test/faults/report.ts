import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Goal, isMet, type ReportRow, type SuiteResult } from './suite-result.ts';

/** Puts a row into `fault-report.json` and `fault-report.md` of `folder`; those of other suites and profiles stay. */
export async function saveRow(folder: string, row: ReportRow): Promise<readonly ReportRow[]> {
  await mkdir(folder, { recursive: true });
  const rows = mergeRows(await readRows(folder), [row]);
  await writeFile(join(folder, 'fault-report.json'), `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile(join(folder, 'fault-report.md'), markdownReport(rows));
  return rows;
}

/** An earlier report; an empty one where there is none. Rows of the older form, `{ results }`, tell less of themselves. */
export async function readRows(folder: string): Promise<readonly ReportRow[]> {
  const text = await readFile(join(folder, 'fault-report.json'), 'utf8').catch(() => '[]');
  const report = JSON.parse(text) as ReportRow[] | { readonly results?: readonly SuiteResult[] };
  if (Array.isArray(report)) return report;
  const unknown = { measured_at: 'before rows were dated', commit: 'unknown', seconds: 0, scale: 1 };
  return (report.results ?? []).map((row) => ({ ...unknown, ...row }));
}

/** New rows take the place of those of the same suite and profile. */
export function mergeRows(before: readonly ReportRow[], fresh: readonly ReportRow[]): ReportRow[] {
  const keyOf = ({ profile, suite }: ReportRow) => `${profile} ${suite}`;
  const replaced = new Set(fresh.map(keyOf));
  return [...before.filter((row) => !replaced.has(keyOf(row))), ...fresh].sort(
    (a, b) => b.profile.localeCompare(a.profile) || a.suite - b.suite,
  );
}

const COLUMNS: readonly (readonly [string, (row: ReportRow) => string | number])[] = [
  ['suite', ({ suite }) => suite],
  ['fault', ({ fault }) => fault],
  ['profile', ({ profile }) => profile],
  ['jobs', ({ jobs }) => jobs],
  ['lost', ({ lost }) => lost],
  ['duplicated', ({ duplicated }) => duplicated],
  ['charged twice', ({ charged_twice }) => charged_twice],
  ['stale results rejected', ({ stale_writes_rejected }) => stale_writes_rejected],
  ['dispatched anew p95, s', ({ dispatched_again_s_p95 }) => dispatched_again_s_p95 ?? '-'],
  ['restart p95, s', ({ restart_s_p95 }) => restart_s_p95 ?? '-'],
  ['recovery p95, s', ({ recovery_s_p95 }) => recovery_s_p95 ?? '-'],
  ['violations', ({ violations }) => violations.length],
  ['goals met', ({ goals, unmet }) => `${goals.length - unmet.length} of ${goals.length}`],
];

export function markdownReport(rows: readonly ReportRow[]): string {
  const total = (of: (row: ReportRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const totals = [
    `${total(({ jobs }) => jobs)} jobs`,
    `${total(({ lost }) => lost)} lost`,
    `${total(({ duplicated }) => duplicated)} duplicated`,
    `${total(({ charged_twice }) => charged_twice)} charged twice`,
    `${total(({ violations }) => violations.length)} violations`,
    `${total(({ unmet }) => unmet.length)} of ${total(({ goals }) => goals.length)} goals missed`,
  ];
  return [
    '# Fault report',
    '',
    'Written by `npm run faults` and `npm run faults -- --profile cluster`. Every suite drives the whole platform, in one',
    'process or in a process for each service, with the tiny weights, and then reads every accepted job back from the',
    'database: exactly one end, no result twice, one charge for each delivered sample, an event log without gaps, and',
    'pictures equal to those of an undisturbed run, byte by byte.',
    '',
    `${totals.join(', ')}.`,
    '',
    cells(COLUMNS.map(([name]) => name)),
    cells(COLUMNS.map(() => '---')),
    ...rows.map((row) => cells(COLUMNS.map(([, value]) => value(row)))),
    '',
    'Recovery is the time from a kill to the next job that ended, restart the part of it until the API answered again,',
    'dispatched anew the time from the kill, or from the end of such a restart, to the next order of a run that the dead',
    'process had. What a later kill hindered is not counted.',
    'Stale results are answers of stages that came a second time, or for work that was ordered anew or given up.',
    '',
    '## Goals',
    '',
    ...rows.flatMap(({ suite, profile, goals }) => goals.map((goal) => `- ${suite}, ${profile}: ${sentenceOf(goal)}`)),
    '',
    '## When, where and what was counted',
    '',
    ...rows.map(countedLine),
    ...violationLines(rows),
    ...plantedLines(rows),
    '',
  ].join('\n');
}

function countedLine({ suite, profile, measured_at, commit, machine, seconds, details }: ReportRow): string {
  const counted = Object.entries(details).filter(([, value]) => value !== '');
  const figures = counted.map(([name, value]) => `${name} ${value}`).join(', ');
  return `- ${suite}, ${profile}, ${measured_at}, commit ${commit}, ${seconds} s on ${machine}: ${figures}`;
}

const sentenceOf = (goal: Goal): string =>
  `${isMet(goal) ? 'met' : '**missed**'}: ${goal.what} ${goal.value} (${goal.bound} ${goal.limit})`;

const cells = (values: readonly (string | number)[]): string => `| ${values.join(' | ')} |`;

function violationLines(rows: readonly ReportRow[]): string[] {
  const all = rows.flatMap(({ suite, profile, violations }) =>
    violations.map((violation) => ({ suite, profile, ...violation })),
  );
  if (all.length === 0) return [];
  return [
    '',
    '## Violations',
    '',
    ...all.slice(0, 50).map((one) => `- ${one.suite}, ${one.profile}: ${one.kind}, ${one.job}: ${one.detail}`),
  ];
}

function plantedLines(rows: readonly ReportRow[]): string[] {
  const caught = rows.flatMap(({ suite, planted = [] }) => planted.map((one) => ({ suite, ...one })));
  if (caught.length === 0) return [];
  const lines = caught.map(
    ({ suite, name, what, found }) =>
      `- ${found > 0 ? 'found' : '**missed**'}: ${name} (${what}): ${found} violations in suite ${suite}`,
  );
  return ['', '## Planted bugs', '', PLANTED, '', ...lines];
}

const PLANTED =
  'The same suites against the same platform with a mistake planted in its code: each must be found, or finding none says nothing.';
