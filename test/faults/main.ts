// `npm run faults -- [--profile embedded|cluster] [--scale 0.1] [--resume] [suite numbers]`: runs all suites of a profile,
// or some, and renews their rows of docs/fault-report.*, each as soon as its suite is over. `--resume` leaves out those
// that passed at this commit and scale. Ends with 1 where a job was wronged, a goal missed or a planted bug not found.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HUNTS, hunt } from './hunts.ts';
import type { Profile } from './profile.ts';
import { profileNamed } from './profiles.ts';
import { markdownReport, readRows, saveRow } from './report.ts';
import { isPassed, type PlantedCatch, type ReportRow } from './suite-result.ts';
import { SUITES, type Suite } from './suites.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'embedded' },
    scale: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
    /** Folder of the report. */
    report: { type: 'string', default: resolve(ROOT, 'docs') },
  },
});
const profile = profileNamed(values.profile);
const scale = Number(values.scale);
if (!(scale > 0)) fail(`A scale is a positive number, not ${values.scale}.`);
const commit = commitOf(ROOT);
const suites = chosenSuites(profile, positionals);
const done = values.resume ? await passedBefore(values.report) : new Set<number>();

const rows: ReportRow[] = [];
try {
  for (const suite of suites) {
    if (done.has(suite.number)) {
      console.log(`suite ${suite.number}: passed before`);
      continue;
    }
    const row = await runSuite(suite);
    rows.push(row);
    await saveRow(values.report, row);
    console.log(`suite ${suite.number}: ${row.jobs} jobs, ${row.violations.length} violations, ${row.seconds} s`);
    for (const sentence of row.unmet) console.log(`  goal missed: ${sentence}`);
  }
} finally {
  await profile.close();
}
console.log(`\n${markdownReport(rows)}`);
if (!isPassed(rows) && !(rows.length === 0 && done.size > 0)) process.exitCode = 1;

async function runSuite(suite: Suite): Promise<ReportRow> {
  const startedAt = performance.now();
  const result = await suite.run(profile, scale);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const planted: PlantedCatch[] = [];
  // The checker is checked where every part of a platform can be reached: in one process.
  if (profile.name === 'embedded') {
    for (const one of HUNTS) if (one.suite === suite.number) planted.push(await hunt(profile, one));
  }
  const row = { ...result, measured_at: new Date().toISOString(), commit, seconds, scale };
  return planted.length > 0 ? { ...row, planted } : row;
}

function chosenSuites({ name }: Profile, numbers: readonly string[]): readonly Suite[] {
  const available = SUITES.filter(({ needs }) => needs(profile));
  const unknown = numbers.filter((text) => !available.some(({ number }) => number === Number(text)));
  const known = available.map(({ number }) => number).join(', ');
  if (unknown.length > 0) fail(`The profile ${name} has no suite ${unknown.join(', ')}; it has ${known}.`);
  return numbers.length === 0 ? available : available.filter(({ number }) => numbers.map(Number).includes(number));
}

async function passedBefore(folder: string): Promise<Set<number>> {
  const before = await readRows(folder);
  const same = before.filter((row) => row.profile === profile.name && row.commit === commit && row.scale === scale);
  return new Set(same.filter((row) => isPassed([row])).map(({ suite }) => suite));
}

/** With a `+` where the suites or the platform differ from it. */
function commitOf(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  const changed = git(
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    'libs',
    'apps',
    'test/faults',
    'tools/stack',
  );
  return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : '+');
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}
