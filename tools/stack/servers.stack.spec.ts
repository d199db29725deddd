import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { startRedis } from './redis.mjs';

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

describe('the servers of the specs', () => {
  it('listen on loopback, and none of them on its default port', async () => {
    const addresses = [inject('postgres').url, inject('redis').url, inject('s3').endpoint].map((url) => new URL(url));
    for (const { hostname, port } of addresses) {
      expect(hostname).toBe('127.0.0.1');
      expect(['5432', '6379', '7070']).not.toContain(port);
      expect(await accepts(Number(port))).toBe(true);
    }
  });

  it('come back on the same port after they were killed, and are gone after they were stopped', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'atelier-servers-'));
    const server = await startRedis({ dataDir });
    const firstPid = server.pid;
    await server.kill();
    expect(await accepts(server.port)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(firstPid);
    expect(await accepts(server.port)).toBe(true);
    await server.stop();
    expect(await accepts(server.port)).toBe(false);
    rmSync(dataDir, { recursive: true });
  });
});
