import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AtelierClient, createClient } from '@atelier/client-sdk';
import { UnreachableError } from './exit-codes.js';
import type { Terminal } from './terminal.js';

const DEFAULT_PORT = '7878';
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 20_000;
const EMBEDDED_MAIN = fileURLToPath(new URL('../../embedded/dist/main.js', import.meta.url));

export interface Server {
  readonly client: AtelierClient;
  /** Stops what this command started; a server that ran before goes on. */
  release(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `ATELIER_URL`, else a local server that runs, else the embedded platform for the time of one command. */
export async function connect(environment: Environment, terminal: Terminal): Promise<Server> {
  const clientOf = (baseUrl: string) =>
    createClient({ baseUrl, ...(environment.ATELIER_API_KEY ? { apiKey: environment.ATELIER_API_KEY } : {}) });
  const nothing = async () => undefined;
  if (environment.ATELIER_URL) {
    const client = clientOf(environment.ATELIER_URL);
    if ((await client.ready()) === 'unreachable') {
      throw new UnreachableError(`no server answers at ${environment.ATELIER_URL} (ATELIER_URL)`);
    }
    return { client, release: nothing };
  }
  for (const url of await localUrls(environment)) {
    const client = clientOf(url);
    if ((await client.ready()) !== 'unreachable') return { client, release: nothing };
  }
  terminal.err('no server runs here: starting one for this command ...\n');
  const { url, release } = await startEmbedded(environment);
  return { client: clientOf(url), release };
}

/** The standard port, and what a platform on the same data folder wrote down about itself. */
async function localUrls(environment: Environment): Promise<string[]> {
  const urls = [`http://127.0.0.1:${environment.ATELIER_PORT || DEFAULT_PORT}`];
  try {
    const text = await readFile(join(environment.ATELIER_DATA_DIR || '.atelier', 'server.json'), 'utf8');
    urls.push((JSON.parse(text) as { url: string }).url);
  } catch {
    // No platform runs on this data folder.
  }
  return urls;
}

async function startEmbedded(environment: Environment): Promise<{ url: string; release: () => Promise<void> }> {
  const child = spawn(process.execPath, [EMBEDDED_MAIN], {
    env: { ...environment, ATELIER_PORT: '0', ATELIER_LOG: environment.ATELIER_LOG || 'error' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // An own group: Ctrl-C reaches this command, which then stops the platform in order.
    detached: true,
  });
  const release = () => stop(child);
  try {
    return { url: await addressOf(child), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Resolves with the address that the platform prints once it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    const timer = setTimeout(
      () => reject(new UnreachableError(`the platform did not start in ${START_LIMIT_MS / 1000} s`)),
      START_LIMIT_MS,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const url = /at (http:\/\/\S+)/.exec(output)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4_000);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new UnreachableError(`the platform did not start (exit code ${code})\n${errors.trim()}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}
