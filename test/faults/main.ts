// `npm run faults -- [suite numbers]`: all suites regenerate docs/fault-report.*; some only print their table.
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { markdownReport, writeReport } from './report.ts';
import type { SuiteResult } from './stage.ts';
import { crashPoints } from './suites/crash-points.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { flood } from './suites/flood.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';

const SUITES: Readonly<Record<number, () => Promise<SuiteResult>>> = {
  1: () => crashPoints({ seed: 1, rounds: 2, jobsPerLife: 10 }),
  2: () => denoiseSteps({ seed: 2, rounds: 1, jobsPerLife: 10 }),
  7: () => repeatedMessages({ seed: 7, jobs: 200 }),
  9: () => flood({ flood: 400, measured: 40, competing: 60 }),
};

const chosen = process.argv.slice(2).map(Number);
const unknown = chosen.filter((number) => !(number in SUITES));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}
const machine = () => `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`;
const results: SuiteResult[] = [];
for (const [number, run] of Object.entries(SUITES)) {
  if (chosen.length > 0 && !chosen.includes(Number(number))) continue;
  const startedAt = performance.now();
  const result = await run();
  results.push(result);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`suite ${number}: ${result.jobs} jobs, ${result.violations.length} violations, ${seconds} s`);
}
if (chosen.length === 0) await writeReport(fileURLToPath(new URL('../../docs', import.meta.url)), results, machine());
console.log(`\n${markdownReport(results, machine())}`);
if (results.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
