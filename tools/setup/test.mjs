// `npm test`: prepares what the tests need, runs everything one after the other, ends with `N passed, N failed`.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installStack } from '../stack/install.mjs';
import { build } from './build.mjs';
import { ensureChromium } from './chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { ensurePython } from './python.mjs';
import { checkRepository } from './repository-checks.mjs';
import { died, readExitCode, readPytest, readVitest } from './test-results.mjs';
import { CACHE, platformNode, ROOT, run, SetupError } from './workspace.mjs';

const REPORTS = path.join(CACHE, 'test');
const total = { passed: 0, failed: 0, skipped: 0 };
let python = '';
let chromium = '';

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
const installed = await part('dependencies', async () => void (await ensureInstalled()));
const built = installed && (await part('build and types', compile));
await part('Python environment', async () => {
  python = await ensurePython();
});
await part('browser', async () => {
  chromium = await ensureChromium();
});
await part('servers', async () => void (await installStack()));
if (installed) await part('lint, format and import rules', lint);
await part('repository', repository);
if (built) await part('TypeScript tests', vitest);
if (python) await part('Python tests', pytest);

if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs one part, times it and adds its result up. Returns whether the parts that need it can go on. */
async function part(name, work) {
  process.stdout.write(`\n== ${name}\n`);
  const startedAt = Date.now();
  let result;
  try {
    result = (await work()) ?? { passed: 0, failed: 0, skipped: 0, complaints: [] };
  } catch (error) {
    result = { ...died(name, 1), complaints: [error instanceof SetupError ? error.message : error.stack] };
  }
  for (const complaint of result.complaints) process.stdout.write(`   ${complaint}\n`);
  for (const count of ['passed', 'failed', 'skipped']) total[count] += result[count];
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`-- ${name}: ${result.passed} passed, ${result.failed} failed, ${seconds} s\n`);
  return result.failed === 0;
}

async function compile() {
  await build({ force: true });
  return readExitCode('build', 0);
}

async function lint() {
  const biome = path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  return readExitCode('biome check', await run(platformNode(), [biome, 'check', '--diagnostic-level=warn', '.']));
}

async function repository() {
  const checks = checkRepository(ROOT);
  const broken = checks.filter(({ complaints }) => complaints.length > 0);
  return {
    passed: checks.length - broken.length,
    failed: broken.length,
    skipped: 0,
    complaints: broken.flatMap(({ name, complaints }) => [`not true: ${name}`, ...complaints.slice(0, 20)]),
  };
}

async function vitest() {
  const report = path.join(REPORTS, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const env = { ...process.env, ...(chromium ? { CHROMIUM_PATH: chromium } : {}) };
  const code = await run(platformNode(), ['node_modules/vitest/vitest.mjs', 'run', ...reporters], { env });
  return readVitest(report, code);
}

async function pytest() {
  const report = path.join(REPORTS, 'pytest.xml');
  const runtime = path.join(ROOT, 'gpu-runtime');
  const env = { ...process.env, PYTHONPATH: path.join(runtime, 'src'), PYTHONDONTWRITEBYTECODE: '1' };
  const options = ['-q', '-p', 'no:cacheprovider', `--junitxml=${report}`, 'tests'];
  return readPytest(report, await run(python, ['-m', 'pytest', ...options], { cwd: runtime, env }));
}
