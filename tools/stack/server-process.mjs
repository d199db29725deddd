// A server as a child process on loopback: started, waited for, logged to a file, stopped by its pid. Nothing is ever
// signalled by name. Built-ins of Node 20 only, because the set-up runs on it.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

/** Folder that keeps installed servers between runs and between clones. */
export const STACK_CACHE = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'atelier', 'stack');

/**
 * Below Linux' range of outgoing ports (from 32768): while a server is down, a client that keeps dialling a port of
 * that range can be given that very port as its own and connect to itself.
 */
const PORTS = { first: 15_000, count: 17_000 };

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count) {
  const ports = new Set();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 200) throw new Error('no free port was found on 127.0.0.1');
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** Thrown when a server did not come up; carries the end of what it wrote. */
export class ServerStartError extends Error {
  name = 'ServerStartError';
  constructor(name, reason, logPath) {
    super(`${name} did not start: ${reason}\n${logTail(logPath)}`);
  }
}

/**
 * Starts `program` and resolves once 127.0.0.1:`port` accepts connections and `isReady`, if given, says so.
 *
 * @param {object} options see server-process.d.mts
 */
export async function startServer(options) {
  const { name, program, args = [], port, logPath, isReady, startTimeoutMs = 60_000, spawnOptions = {} } = options;
  mkdirSync(path.dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop what we started, in our order.
  const child = spawn(program, args, { ...spawnOptions, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const server = new ServerProcess(child, options);
  try {
    await server.spawned;
    await waitUntilReady(server, name, port, isReady, startTimeoutMs, logPath);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

class ServerProcess {
  #child;
  #options;
  #disarmGuard = () => {};

  constructor(child, options) {
    this.#child = child;
    this.#options = options;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: null, signal: null }));
    });
    this.spawned = new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new ServerStartError(options.name, error.message, options.logPath)));
    });
    // Both are also read by others; a server that cannot be spawned is reported by `spawned` alone.
    this.spawned.catch(() => {});
    if (child.pid) this.#disarmGuard = guard(child.pid);
    this.exited.then(() => this.#disarmGuard());
  }

  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The server's own orderly stop; SIGKILL once `stopTimeoutMs` are over. */
  async stop() {
    const { stopSignal = 'SIGTERM', stopTimeoutMs = 15_000 } = this.#options;
    this.signal('SIGCONT');
    this.signal(stopSignal);
    const deadline = setTimeout(() => this.signal('SIGKILL'), stopTimeoutMs);
    const end = await this.exited;
    clearTimeout(deadline);
    return end;
  }

  /** The machine fails: no handler of the server runs. */
  async kill() {
    this.signal('SIGKILL');
    return this.exited;
  }

  signal(signal) {
    if (!this.isRunning) return;
    this.#child.kill(signal);
    if (signal === 'SIGSTOP') waitUntilStopped(this.pid);
  }
}

/**
 * Ends `pid` when this process ends, however it ends: a shell holds the other end of a pipe, and the kernel closes
 * ours. Returns what calls it off, because a pid may belong to someone else once its process is gone.
 */
function guard(pid) {
  const script = 'read -r word; [ "$word" = done ] || kill -KILL "-$1" 2>/dev/null || kill -KILL "$1"';
  const shell = spawn('sh', ['-c', script, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  shell.stdin.unref?.();
  return () => shell.stdin.end('done\n');
}

async function waitUntilReady(server, name, port, isReady, timeoutMs, logPath) {
  const deadline = Date.now() + timeoutMs;
  let isListening = false;
  while (Date.now() < deadline) {
    if (!server.isRunning) {
      const { code, signal } = await server.exited;
      throw new ServerStartError(name, `it ended with ${signal ?? `exit code ${code}`}`, logPath);
    }
    isListening ||= await accepts(port);
    if (isListening && (!isReady || (await isReady()))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const missing = isListening ? 'it was not ready' : `nothing listened on port ${port}`;
  throw new ServerStartError(name, `${missing} after ${timeoutMs} ms`, logPath);
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(1_000, () => settle(false));
  });

function logTail(logPath) {
  if (!existsSync(logPath)) return '';
  return readFileSync(logPath, 'utf8').split('\n').slice(-30).join('\n');
}

/** SIGSTOP is taken thread by thread, a moment later: a server may still answer once after `kill` returned. */
function waitUntilStopped(pid) {
  const tick = new Int32Array(new SharedArrayBuffer(4));
  const isStopped = (task) => /\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1'));
  for (let waitedMs = 0; waitedMs < 1_000; waitedMs += 1) {
    try {
      if (readdirSync(`/proc/${pid}/task`).every(isStopped)) return;
    } catch {
      // A thread ended between the listing and the look, or there is no /proc here: wait the moment out.
    }
    Atomics.wait(tick, 0, 0, 1);
  }
}
