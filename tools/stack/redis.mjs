// One Redis server without persistence, as a cache has it.
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { unpackDebianPackage, unpackedEnvironment } from './debian-packages.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { freePorts, STACK_CACHE, startServer } from './server-process.mjs';

const SYSTEM_PROGRAM = '/usr/bin/redis-server';

/** The machine's own server program, or one unpacked from Debian's package. */
export async function installRedis({ cache = STACK_CACHE, systemProgram = SYSTEM_PROGRAM } = {}) {
  if (existsSync(systemProgram)) return { program: systemProgram, env: process.env };
  const folder = await unpackDebianPackage('redis-server', path.join(cache, 'redis-server'));
  return { program: path.join(folder, SYSTEM_PROGRAM), env: unpackedEnvironment(folder) };
}

/** @param {object} options see redis.d.mts */
export async function startRedis({ dataDir, maxMemoryMb = 64 }) {
  const { program, env } = await installRedis();
  const folder = path.resolve(dataDir);
  mkdirSync(folder, { recursive: true });
  const [port] = await freePorts(1);
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--appendonly', 'no'],
    // Full means an error to the writer, which the cache takes for "not stored": no manifest without its chunks.
    ...['--maxmemory', `${maxMemoryMb}mb`, '--maxmemory-policy', 'noeviction'],
  ];
  const start = () =>
    startServer({
      name: 'Redis',
      program,
      args,
      port,
      isReady: () => answersPing(port),
      logPath: path.join(folder, 'redis.log'),
      spawnOptions: { cwd: folder, env },
    });
  return Object.assign(new RestartableServer(await start(), start), { port, url: `redis://127.0.0.1:${port}` });
}

const answersPing = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (reply) => settle(reply.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
