import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@atelier/client-sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = (path: string) => fileURLToPath(new URL(`../../apps/${path}`, import.meta.url));
const EMBEDDED = program('embedded/dist/main.js');
const CLI = program('cli/dist/main.js');

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Real: the built programs as processes of their own, with the tiny weights. */
describe('the programs', { timeout: 120_000 }, () => {
  let folder: string;
  let freePort: number;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-processes-'));
    freePort = await findFreePort();
  });
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** A port that nobody listens on keeps the command line from finding somebody else's platform. */
  function start(path: string, args: readonly string[], environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, [path, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ATELIER_DATA_DIR: join(folder, 'data'),
        ATELIER_WEIGHTS: 'tiny',
        ATELIER_PORT: String(freePort),
        ATELIER_LOG: 'error',
        ...environment,
      },
    });
    started.push(child);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
    const saying = (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(out);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`ended before it said ${pattern}:\n${out}\n${err}`)));
        look();
      });
    return { child, finished, saying };
  }

  it('the platform draws, prints its addresses, and stops in order on SIGTERM', async () => {
    const platform = start(EMBEDDED, []);
    const [, url] = await platform.saying(/Studio\s+(http:\/\/127\.0\.0\.1:\d+)\//);
    const client = createClient({ baseUrl: url as string });
    expect(await client.ready()).toBe('ready');
    const job = await client.createJob({ prompt: 'a red apple', n: 4 });
    platform.child.kill('SIGTERM');
    expect((await platform.finished).code).toBe(0);
    // What was accepted and not finished is drawn after the next start.
    const again = start(EMBEDDED, []);
    await again.saying(/Studio/);
    const finished = await client.waitForJob(job.id);
    expect(finished.status).toBe('succeeded');
    again.child.kill('SIGTERM');
    expect((await again.finished).code).toBe(0);
  });

  it('a second platform on the same data folder refuses to start and harms nothing', async () => {
    const first = start(EMBEDDED, []);
    await first.saying(/Studio/);
    const second = await start(EMBEDDED, [], { ATELIER_PORT: '0' }).finished;
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/lock/i);
    first.child.kill('SIGTERM');
    expect((await first.finished).code).toBe(0);
  });

  it('a wrong variable stops the start with its name', async () => {
    const refused = await start(EMBEDDED, [], { ATELIER_PORT: 'seven' }).finished;
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('ATELIER_PORT');
  });

  it('the command line starts a platform for one command and takes it down again', async () => {
    const { code, err, out } = await start(CLI, ['draw', 'a red apple', '--seed', '7', '--out', 'apple.png']).finished;
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toContain('apple.png');
    expect((await readFile(join(folder, 'apple.png'))).length).toBeGreaterThan(100);
    // The data folder is free again: its platform is gone.
    const next = start(EMBEDDED, []);
    await next.saying(/Studio/);
    next.child.kill('SIGTERM');
    expect((await next.finished).code).toBe(0);
  });

  it('keys are made beside a running platform and open it', async () => {
    const platform = start(EMBEDDED, [], { ATELIER_AUTH: 'keys' });
    const [, url] = await platform.saying(/Studio\s+(http:\/\/127\.0\.0\.1:\d+)\//);
    const made = await start(CLI, ['keys', 'create', '--tenant', 'acme', '--json']).finished;
    expect(made.code).toBe(0);
    const { key } = JSON.parse(made.out) as { key: string };
    await expect(createClient({ baseUrl: url as string }).listJobs()).rejects.toMatchObject({ code: 'unauthorized' });
    const listed = await createClient({ baseUrl: url as string, apiKey: key }).listJobs();
    expect(listed.data).toEqual([]);
    platform.child.kill('SIGTERM');
    await platform.finished;
    // And without a platform, from the data folder itself.
    const list = await start(CLI, ['keys', 'list', '--tenant', 'acme', '--json']).finished;
    expect(JSON.parse(list.out)).toHaveLength(1);
  });
});

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
