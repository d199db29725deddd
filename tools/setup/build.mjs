// Builds what is out of date: the database client, all TypeScript projects (those of the dashboard and of test/ are
// checked without output), the dashboard's bundle. See docs/adr/0002-build.md.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { CACHE, main, platformNode, ROOT, run, SetupError, say } from './workspace.mjs';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'generated', '.vite', 'results']);

/** @param {{ force?: boolean }} options `force` runs the compilers even if no file changed since the last build */
export async function build({ force = false } = {}) {
  const node = platformNode();
  await buildStep('typescript', ['libs', 'apps', 'test'], 'apps/embedded/dist/main.js', force, async () => {
    await generateDatabaseClient();
    await step('tsc -b', node, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-b']);
  });
  await buildDashboard({ force });
}

/** The bundle alone, made from the sources: it needs no compiled package. */
export async function buildDashboard({ force = false } = {}) {
  const dashboard = path.join(ROOT, 'apps/dashboard');
  const inputs = ['apps/dashboard', 'libs/client-sdk', 'libs/contracts'];
  await buildStep('dashboard', inputs, 'apps/dashboard/dist/index.html', force, async () => {
    const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
    // A test runner's own NODE_ENV would bundle the development build of React.
    const env = { ...process.env, NODE_ENV: 'production' };
    await step('vite build', platformNode(), [vite, 'build', '--logLevel', 'warn'], { cwd: dashboard, env });
  });
}

/** The database client is source that the specs need too; its script does nothing while the schema is unchanged. */
export async function generateDatabaseClient() {
  const script = path.join(ROOT, 'libs/adapters/store-prisma/scripts/generate.mjs');
  await step('generating the database client', platformNode(), [script]);
}

/** Does the work unless the inputs are those of the last time and the result is still there. */
async function buildStep(name, inputFolders, result, force, work) {
  const stampPath = path.join(CACHE, 'build', name);
  const stamp = fingerprint(['tsconfig.base.json', 'tsconfig.json', 'package-lock.json', ...inputFolders]);
  const upToDate = existsSync(path.join(ROOT, result)) && existsSync(stampPath);
  if (!force && upToDate && readFileSync(stampPath, 'utf8') === stamp) return;
  say(`Building ${name} ...`);
  await work();
  mkdirSync(path.dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, stamp);
}

async function step(what, program, args, options = {}) {
  // Compilers tell their errors on standard output, which belongs to the command that asked for the build.
  const code = await run(program, args, { stdio: ['ignore', 2, 2], ...options });
  if (code !== 0) throw new SetupError(`${what} failed with exit code ${code}.`);
}

/** Names, sizes and times of all files below: reading them would take longer than an incremental compilation. */
function fingerprint(entries) {
  const hash = createHash('sha256').update(process.version);
  const visit = (relative) => {
    const absolute = path.join(ROOT, relative);
    const found = statSync(absolute, { throwIfNoEntry: false });
    if (!found) return;
    if (!found.isDirectory()) return void hash.update(`${relative} ${found.size} ${found.mtimeMs}\n`);
    for (const name of readdirSync(absolute).sort()) {
      if (!SKIPPED_FOLDERS.has(name)) visit(path.posix.join(relative, name));
    }
  };
  for (const entry of entries) visit(entry);
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(async () => {
    await ensureInstalled();
    if (process.argv[2] === 'dashboard') await buildDashboard();
    else await build({ force: true });
  });
}
