// Real: processes that are killed with SIGKILL while they write to the embedded store on files. They run the compiled
// package, which is brought up to date first.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const compiler = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

it('loses no acknowledged write and keeps none in part over ten kills', { timeout: 300_000 }, async () => {
  await run(process.execPath, [compiler, '-b', packageFolder]);
  const script = path.join(packageFolder, 'scripts', 'kill-durability.mjs');
  const { stdout } = await run(process.execPath, [script, '--kills', '10', '--seed', '7']);
  const counts = JSON.parse(stdout) as { kills: number; acknowledged: number; lost: number; torn: number };
  expect(counts).toMatchObject({ kills: 10, lost: 0, torn: 0 });
  expect(counts.acknowledged).toBeGreaterThan(0);
});
