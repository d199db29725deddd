// One PostgreSQL server with a data folder of its own, on TCP alone.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { SetupError } from '../setup/workspace.mjs';
import { unpackDebianPackage, unpackedEnvironment } from './debian-packages.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { freePorts, STACK_CACHE, startServer } from './server-process.mjs';

const DEBIAN_PROGRAMS = '/usr/lib/postgresql';
const isRoot = process.getuid?.() === 0;
/** PostgreSQL refuses to run as root, and root's home is closed to everybody else. */
const CACHE = isRoot ? '/var/cache/atelier/stack' : STACK_CACHE;

/** The machine's own newest server, or one unpacked from Debian's package. */
export async function installPostgres({ cache = CACHE, systemPrograms = DEBIAN_PROGRAMS } = {}) {
  const found = newestPrograms(systemPrograms);
  if (found) return { programs: found, env: process.env };
  const folder = await unpackDebianPackage('postgresql', path.join(cache, 'postgresql'));
  const programs = newestPrograms(path.join(folder, DEBIAN_PROGRAMS));
  if (!programs) throw new SetupError(`The package postgresql holds no server below ${folder}.`);
  return { programs, env: unpackedEnvironment(folder) };
}

/** @param {object} options see postgres.d.mts */
export async function startPostgres({ dataDir, isDurable = false, settings = {} }) {
  const { programs, env } = await installPostgres();
  const account = serverAccount();
  const folder = path.resolve(dataDir);
  const data = path.join(folder, 'data');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const spawnOptions = { cwd: folder, env: { ...env, LC_ALL: 'C' }, ...account };
  makeOwned(folder, spawnOptions);
  const isNew = !existsSync(path.join(data, 'PG_VERSION'));
  if (isNew) initialise(path.join(programs, 'initdb'), data, spawnOptions);

  const [port] = await freePorts(1);
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: 100,
    // Both only protect against a machine that loses power. Not `synchronous_commit`: off, a killed server loses what
    // it has acknowledged in the last moments.
    ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
  };
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const start = () =>
    startServer({
      name: 'PostgreSQL',
      program: path.join(programs, 'postgres'),
      args,
      port,
      isReady: () => takesSessions(port),
      logPath: path.join(folder, 'postgres.log'),
      spawnOptions,
      // SIGTERM would wait until every client has gone.
      stopSignal: 'SIGINT',
    });
  const server = new RestartableServer(await (isNew ? start() : startAfterCrash(start)), () => startAfterCrash(start));
  return Object.assign(server, { port, url: `postgresql://postgres@127.0.0.1:${port}/postgres` });
}

/** Backends of a killed server need a moment to notice; until then the shared memory is taken. */
async function startAfterCrash(start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function newestPrograms(folder) {
  const versions = existsSync(folder) ? readdirSync(folder).map(Number).filter(Number.isFinite) : [];
  const newestFirst = versions.sort((a, b) => b - a).map((version) => path.join(folder, String(version), 'bin'));
  return newestFirst.find((programs) => ['initdb', 'postgres'].every((name) => existsSync(path.join(programs, name))));
}

/** Whom the server runs as: us, unless we are root. */
function serverAccount() {
  if (!isRoot) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new SetupError('PostgreSQL must not run as root, and there is neither a user postgres nor nobody.');
}

function makeOwned(folder, { uid, gid }) {
  if (uid === undefined) return;
  chownSync(folder, uid, gid);
  const { status } = spawnSync('test', ['-w', folder], { uid, gid, cwd: '/' });
  if (status !== 0) {
    throw new SetupError(
      `The account of PostgreSQL cannot reach ${folder}: every folder above it must let others through.`,
    );
  }
}

function initialise(initdb, data, spawnOptions) {
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  const { status, stdout, stderr, error } = spawnSync(initdb, args, { ...spawnOptions, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`PostgreSQL could not make its data folder:\n${stdout}${stderr}`);
}

/** A start-up message as the protocol has it (version 3.0); 'R' answers it once sessions are taken, 'E' before. */
const takesSessions = (port) =>
  new Promise((resolve) => {
    const body = Buffer.from('\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1');
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', (reply) => settle(reply[0] === 'R'.charCodeAt(0)));
    socket.write(Buffer.concat([length, body]));
  });
