import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { freePorts, type ServerOptions, ServerStartError, startServer } from './server-process.mjs';

const MODULE = fileURLToPath(new URL('server-process.mjs', import.meta.url));

describe('startServer', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-server-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;

  async function optionsFor(script: string, rest: Partial<ServerOptions> = {}): Promise<ServerOptions> {
    const [port = 0] = await freePorts(1);
    count += 1;
    return {
      name: 'the test server',
      program: process.execPath,
      args: ['-e', script.replace('PORT', String(port))],
      port,
      logPath: path.join(folder, `server-${count}.log`),
      ...rest,
    };
  }

  const LISTEN = 'require("net").createServer().listen(PORT, "127.0.0.1");';
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('resolves once the port accepts connections and the own check agrees, and keeps the log', async () => {
    let asked = 0;
    const isReady = () => {
      asked += 1;
      return asked === 3;
    };
    const options = await optionsFor(`console.log("hello"); setTimeout(() => { ${LISTEN} }, 50)`, { isReady });
    const server = await startServer(options);
    expect([asked, server.isRunning]).toEqual([3, true]);
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(server.isRunning).toBe(false);
    expect(readFileSync(options.logPath, 'utf8')).toBe('hello\n');
  });

  it('tells why a server did not come up: it ended, it cannot be run, it never listened', async () => {
    const ended = await optionsFor('console.error("no licence"); process.exit(3)');
    await expect(startServer(ended)).rejects.toThrow(/it ended with exit code 3\n.*no licence/s);
    const missing = await optionsFor('', { program: path.join(folder, 'no-such-program') });
    await expect(startServer(missing)).rejects.toThrow(ServerStartError);
    const silent = await optionsFor('setInterval(() => undefined, 1000)', { startTimeoutMs: 300 });
    await expect(startServer(silent)).rejects.toThrow(/nothing listened on port \d+ after 300 ms/);
  });

  it('stops with the signal of the server, and kills what ignores it', async () => {
    const polite = await startServer(
      await optionsFor(`process.on("SIGINT", () => process.exit(9)); ${LISTEN}`, { stopSignal: 'SIGINT' }),
    );
    expect(await polite.stop()).toEqual({ code: 9, signal: null });
    const stubborn = await startServer(
      await optionsFor(`process.on("SIGTERM", () => undefined); ${LISTEN}`, { stopTimeoutMs: 200 }),
    );
    expect(await stubborn.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends the server when the process that started it is killed', async () => {
    const options = await optionsFor(LISTEN);
    const parent = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { startServer } = await import(${JSON.stringify(MODULE)});
       const server = await startServer(${JSON.stringify(options)});
       console.log(server.pid);
       setInterval(() => undefined, 1000);`,
    ]);
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 10 });
  });
});

describe('freePorts', () => {
  it('are different and below the range of outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });
});
