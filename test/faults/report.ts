import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteResult } from './stage.ts';

/** Writes `fault-report.json` and `fault-report.md` into `folder`. */
export async function writeReport(folder: string, results: readonly SuiteResult[], machine: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows = results.map(({ violations: _violations, ...row }) => row);
  await writeFile(join(folder, 'fault-report.json'), `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile(join(folder, 'fault-report.md'), markdownReport(results, machine));
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
      result.recovery_s_p95 ?? '-',
      result.violations.length,
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
      'recovery p95, s',
      'violations',
    ),
    cells(...Array.from({ length: 10 }, () => '---')),
    ...rows,
    '',
    'Recovery is the time from a kill to the next job that ended, the start of the new process included.',
    'Stale results are answers of stages that came a second time, or for work that was ordered anew or given up.',
    '',
    '## Counted in each suite',
    '',
    ...results.map(({ suite, details }) => {
      const counted = Object.entries(details).filter(([, value]) => value !== '');
      return `- ${suite}: ${counted.map(([name, value]) => `${name} ${value}`).join(', ')}`;
    }),
    ...violationLines(results),
    '',
  ].join('\n');
}

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
