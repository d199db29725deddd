import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metricTables } from './metric-tables.ts';

export type MetricValue = number | string | readonly object[] | object;
export interface BenchmarkResult {
  readonly name: string;
  /** Day of the run, ISO. */
  readonly date: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: string;
  readonly metrics: Readonly<Record<string, MetricValue>>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const RESULTS = join(ROOT, 'test/bench/results');

/** Writes the result file, prints its table and brings BENCHMARKS.md up to date. */
export function publish(name: string, metrics: BenchmarkResult['metrics']): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const result: BenchmarkResult = {
    name,
    date: new Date().toISOString().slice(0, 10),
    commit,
    command: `npm run bench -- ${name}`,
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
    metrics,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writePage();
  console.log(tableOf(result));
}

/** Brings BENCHMARKS.md up to date with the result files. */
export function writePage(): void {
  writeFileSync(join(ROOT, 'BENCHMARKS.md'), benchmarksPage(readResults()));
}

export function readResults(folder: string = RESULTS): BenchmarkResult[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as BenchmarkResult);
}

/** The page of all result files; nothing in it is written by hand. */
export function benchmarksPage(results: readonly BenchmarkResult[]): string {
  return [
    '# Benchmarks',
    '',
    'Generated from `test/bench/results/`. Absolute times belong to the machine and the load that stand beside them.',
    ...results.map((result) => `\n${tableOf(result)}`),
    '',
  ].join('\n');
}

const tableOf = ({ name, date, commit, command, machine, metrics }: BenchmarkResult): string =>
  [`## ${name}`, '', `\`${command}\`, ${date}, commit ${commit}, ${machine}`, '', metricTables(metrics)].join('\n');

/** Nearest-rank percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile of nothing');
  return value;
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
