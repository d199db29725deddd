import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readExitCode, readPytest, readVitest } from './test-results.mjs';

describe('test results', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-results-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const report = (content: string) => {
    const file = path.join(folder, 'report');
    writeFileSync(file, content);
    return file;
  };
  const vitest = (over: object) =>
    report(
      JSON.stringify({
        numPassedTests: 3,
        numFailedTests: 0,
        numPendingTests: 0,
        numTodoTests: 0,
        testResults: [],
        ...over,
      }),
    );
  const pytest = (attributes: string) =>
    report(`<testsuites><testsuite name="pytest" ${attributes}></testsuite></testsuites>`);

  it('count what the runners report', () => {
    expect(readVitest(vitest({ numPendingTests: 2 }), 0)).toMatchObject({ passed: 3, failed: 0, skipped: 2 });
    expect(readVitest(vitest({ numFailedTests: 1 }), 1)).toMatchObject({ passed: 3, failed: 1 });
    expect(readPytest(pytest('errors="1" failures="2" skipped="3" tests="10"'), 1)).toMatchObject({
      passed: 4,
      failed: 3,
      skipped: 3,
    });
  });

  it('count a spec file that could not be loaded as a failure', () => {
    const testResults = [{ name: 'a.spec.ts', status: 'failed', message: 'cannot find module', assertionResults: [] }];
    expect(readVitest(vitest({ testResults }), 1)).toMatchObject({
      passed: 3,
      failed: 1,
      complaints: ['a.spec.ts: cannot find module'],
    });
  });

  it('count a runner that died as a failure, whatever it left behind', () => {
    expect(readVitest(path.join(folder, 'none'), 137)).toMatchObject({ passed: 0, failed: 1 });
    expect(readPytest(path.join(folder, 'none'), 2)).toMatchObject({ passed: 0, failed: 1 });
    expect(readVitest(vitest({}), 1)).toMatchObject({ passed: 3, failed: 1 });
    expect(readPytest(pytest('errors="0" failures="0" skipped="0" tests="5"'), 3)).toMatchObject({
      passed: 5,
      failed: 1,
    });
    expect(readExitCode('lint', 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('count a run without a test, and a report without counts, as a failure', () => {
    expect(readVitest(vitest({ numPassedTests: 0 }), 0)).toMatchObject({ passed: 0, failed: 1 });
    expect(readPytest(report('<html>'), 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});
