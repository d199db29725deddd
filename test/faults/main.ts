// `npm run faults -- [--profile embedded|cluster] [suite numbers]`: runs all suites of a profile, or some, and renews
// their rows of docs/fault-report.*. Ends with 1 where a job was wronged, a goal missed or a planted bug not found.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Catch, HUNTS, hunt } from './hunts.ts';
import { profileNamed } from './profiles.ts';
import { markdownReport, writeReport } from './report.ts';
import { isPassed, type SuiteResult } from './suite-result.ts';
import { SUITES } from './suites.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { profile: { type: 'string', default: 'embedded' } },
});
const profile = profileNamed(values.profile);
const available = SUITES.filter(({ needs }) => needs(profile));
const unknown = positionals.filter((text) => !available.some(({ number }) => number === Number(text)));
if (unknown.length > 0) {
  const numbers = available.map(({ number }) => number).join(', ');
  console.error(`The profile ${profile.name} has no suite ${unknown.join(', ')}; it has ${numbers}.`);
  process.exit(2);
}
const chosen = positionals.map(Number);
const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const results: SuiteResult[] = [];
const caught: Catch[] = [];
try {
  for (const suite of available) {
    if (chosen.length > 0 && !chosen.includes(suite.number)) continue;
    const startedAt = performance.now();
    const result = await suite.run(profile);
    results.push(result);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`suite ${suite.number}: ${result.jobs} jobs, ${result.violations.length} violations, ${seconds} s`);
    for (const sentence of result.unmet) console.log(`  goal missed: ${sentence}`);
  }
  // The checker is checked where every part of a platform can be reached: in one process.
  if (chosen.length === 0 && profile.name === 'embedded') {
    for (const one of HUNTS) caught.push(await hunt(profile, one));
  }
} finally {
  await profile.close();
}
const report = { results, caught };
await writeReport(docs, report);
console.log(`\n${markdownReport(report)}`);
if (!isPassed(results) || caught.some(({ found }) => found === 0)) process.exitCode = 1;
