// The workspace's root, its Node, and running programs in it. Runs on Node 20, whose built-ins are all it may use.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const CACHE = path.join(ROOT, '.cache');

/** A failure that the user can act on: printed as one sentence, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * The Node that everything but the set-up itself runs on: the one installed with the dependencies, or the user's own
 * where that package does not exist for the platform.
 */
export function platformNode() {
  const installed = path.join(ROOT, 'node_modules', '.bin', 'node');
  for (const candidate of [installed, process.execPath]) {
    if (!existsSync(candidate)) continue;
    const { stdout } = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1]) >= 24) return candidate;
  }
  throw new SetupError(
    `Node 24 or later is needed to run Atelier on ${process.platform}-${process.arch}; this is Node ${process.version}.`,
  );
}

/** Runs a program to its end and returns its exit code; output goes to where ours goes, or to `options.stdio`. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

/** As `run`, but quiet: the output is shown only if the program fails. Throws `SetupError` then. */
export async function runQuietly(what, program, args, options = {}) {
  const output = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    throw new SetupError(`${what} failed with exit code ${code}.`);
  }
}

/**
 * Runs a program in the foreground as if it were this process: signals go to it, its exit code is ours. A terminal
 * sends Ctrl-C to both; the second copy that we pass on changes nothing for a program that is stopping already.
 */
export async function become(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  process.exit(code);
}

/** Ends the process with the sentence of a `SetupError`, or with the stack of anything else. */
export function main(work) {
  work().catch((error) => {
    process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}

/** What the user sees while we work; on standard error, so that a command's own output stays clean. */
export const say = (sentence) => process.stderr.write(`${sentence}\n`);
