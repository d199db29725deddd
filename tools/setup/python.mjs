// The Python environment of gpu-runtime: outside the clone, one per content of the lock file.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ROOT, runQuietly, SetupError, say } from './workspace.mjs';

const REQUIREMENTS = path.join(ROOT, 'gpu-runtime', 'requirements.lock');

/** Path of the interpreter, once everything that the lock file pins is installed. */
export async function ensurePython(requirements = REQUIREMENTS) {
  if (!existsSync(requirements)) {
    throw new SetupError(`${path.relative(ROOT, requirements)} is missing, which pins what the Python tests need.`);
  }
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'atelier');
  const environment = path.join(cache, `python-${digest}`);
  const interpreter = path.join(environment, 'bin', 'python');
  const complete = path.join(environment, '.complete');
  if (existsSync(complete)) return interpreter;

  mkdirSync(cache, { recursive: true });
  const lock = path.join(cache, `python-${digest}.lock`);
  await whileHolding(lock, async () => {
    if (existsSync(complete)) return;
    // A virtual environment knows its own path, so it is made in place; the mark at the end makes it whole or absent.
    rmSync(environment, { recursive: true, force: true });
    say('Installing the Python environment ...');
    await runQuietly('making the Python environment', findPython(), ['-m', 'venv', environment]);
    await runQuietly('pip install', interpreter, [
      ...[
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '--require-hashes',
        '--only-binary=:all:',
      ],
      ...['--requirement', requirements],
    ]);
    writeFileSync(complete, '');
  });
  return interpreter;
}

function findPython() {
  for (const name of ['python3.11', 'python3', 'python']) {
    const { stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
    if (/^Python 3\.11\./.test(stdout ?? '')) return name;
  }
  throw new SetupError('Python 3.11 is needed for the tests of gpu-runtime and was not found.');
}

/** Only one process installs; the others wait. A lock whose owner is gone is taken over. */
async function whileHolding(lock, work) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    writeFileSync(path.join(lock, 'pid'), String(process.pid));
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isAbandoned(lock) {
  try {
    process.kill(Number(readFileSync(path.join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
