// Reads what test runners report. A report that is missing or says nothing counts as a failure: a runner that died
// must not look like one that had nothing to do.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number, complaints: string[] }} Result */

/** Vitest's json reporter. A file that could not be loaded has no tests, yet fails. */
export function readVitest(reportPath, exitCode) {
  if (!existsSync(reportPath)) return died('vitest', exitCode);
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return settle('vitest', exitCode, {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    complaints: broken.map(({ name, message }) => `${name}: ${message}`),
  });
}

/** Pytest's JUnit XML: one testsuite element with its counts. */
export function readPytest(reportPath, exitCode) {
  if (!existsSync(reportPath)) return died('pytest', exitCode);
  const suite = /<testsuite [^>]*>/.exec(readFileSync(reportPath, 'utf8'))?.[0] ?? '';
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? Number.NaN);
  const failed = count('failures') + count('errors');
  const skipped = count('skipped');
  return settle('pytest', exitCode, { passed: count('tests') - failed - skipped, failed, skipped, complaints: [] });
}

/** A program that says only yes or no. */
export const readExitCode = (what, exitCode) =>
  exitCode === 0 ? { passed: 1, failed: 0, skipped: 0, complaints: [] } : died(what, exitCode);

export const died = (what, exitCode) => ({
  passed: 0,
  failed: 1,
  skipped: 0,
  complaints: [`${what} ended with exit code ${exitCode}`],
});

function settle(what, exitCode, result) {
  const counts = [result.passed, result.failed, result.skipped];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0)) return died(`${what}, unreadable,`, exitCode);
  if (result.passed + result.failed === 0) return died(`${what}, without a single test,`, exitCode);
  if (exitCode === 0 || result.failed > 0) return result;
  return { ...result, failed: 1, complaints: [...result.complaints, `${what} ended with exit code ${exitCode}`] };
}
