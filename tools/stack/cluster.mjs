// The platform as separate processes on loopback: API replicas, orchestrator replicas, one worker per stage or more,
// over the servers of the stack. Built programs, real protocols; every process is known and stopped by its pid.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { platformNode, ROOT } from '../setup/workspace.mjs';
import { startStack } from './index.mjs';
import { freePorts, startServer } from './server-process.mjs';

/** Program of each kind of service, below the workspace's root. */
const PROGRAMS = {
  api: 'apps/api/dist/main.js',
  orchestrator: 'apps/orchestrator/dist/main.js',
  'prompt-expansion': 'apps/workers/dist/prompt-expansion/main.js',
  'reference-encoding': 'apps/workers/dist/reference-encoding/main.js',
  denoising: 'apps/workers/dist/denoising/main.js',
  decoding: 'apps/workers/dist/decoding/main.js',
  scoring: 'apps/workers/dist/scoring/main.js',
};

/** Variables that each kind of service gets: a worker is not told where a database is. */
const DATABASE = ['ATELIER_DATABASE_URL'];
const CACHE = ['ATELIER_REDIS_URL'];
const WITHHELD = { api: CACHE, orchestrator: CACHE };

const READY_TIMEOUT_MS = 120_000;

/**
 * Starts the servers (unless a stack is given) and all services, and resolves once every one of them is ready.
 *
 * @param {object} options see cluster.d.mts
 */
export async function startCluster(options) {
  const { dataDir, port = 0, replicas = {}, environment = {}, environments = {}, programs = {} } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const stack = options.stack ?? (await startStack({ dataDir: path.join(dataDir, 'stack') }));
  const variables = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...stack.environment,
    ATELIER_LINK_SECRET: randomBytes(32).toString('base64url'),
    ATELIER_ADMIN_TOKEN: randomBytes(24).toString('base64url'),
    ...environment,
  };
  const cluster = new Cluster({
    stack,
    ownsStack: options.stack === undefined,
    variables,
    environments,
    programs: { ...PROGRAMS, ...programs },
    dataDir,
  });
  try {
    for (const kind of Object.keys(PROGRAMS)) {
      for (let index = 1; index <= (replicas[kind] ?? 1); index += 1) cluster.add(kind, kind === 'api' ? port : 0);
    }
    await Promise.all(cluster.services.map((service) => service.start()));
    await cluster.waitUntilReady();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class Cluster {
  services = [];
  #options;

  constructor(options) {
    this.stack = options.stack;
    this.#options = options;
  }

  /** Addresses of the API replicas. */
  get urls() {
    return this.ofKind('api').map((service) => service.url);
  }

  get url() {
    return this.urls[0];
  }

  get adminToken() {
    return this.#options.variables.ATELIER_ADMIN_TOKEN;
  }

  ofKind(kind) {
    return this.services.filter((service) => service.kind === kind);
  }

  service(name) {
    const found = this.services.find((service) => service.name === name);
    if (!found) throw new Error(`there is no service ${name}: ${this.services.map((one) => one.name).join(', ')}`);
    return found;
  }

  /** One more replica, not started yet. The given port is for the first of its kind. */
  add(kind, port = 0) {
    const index = this.ofKind(kind).length + 1;
    const withheld = WITHHELD[kind] ?? DATABASE;
    const { variables, environments, programs, dataDir } = this.#options;
    const given = Object.entries(variables).filter(([name]) => !withheld.includes(name));
    const service = new ClusterService({
      kind,
      index,
      port: index === 1 ? port : 0,
      program: programs[kind],
      environment: { ...Object.fromEntries(given), ...environments[kind] },
      logPath: path.join(dataDir, 'logs', `${kind}-${index}.log`),
    });
    this.services.push(service);
    return service;
  }

  async waitUntilReady(timeoutMs = READY_TIMEOUT_MS) {
    await Promise.all(this.services.filter(({ isRunning }) => isRunning).map((one) => one.waitUntilReady(timeoutMs)));
  }

  /** Services first, all at once: each drains; then the servers that were started here. */
  async stop() {
    await Promise.allSettled(this.services.map((service) => service.stop()));
    if (this.#options.ownsStack) await this.stack.stop();
  }
}

/** One process of the platform, over all of its lives. */
class ClusterService {
  #options;
  #server = null;
  #ports = null;
  lives = 0;

  constructor(options) {
    this.#options = options;
    this.kind = options.kind;
    this.name = `${options.kind}-${options.index}`;
    this.logPath = options.logPath;
  }

  get pid() {
    return this.#server?.pid;
  }

  get isRunning() {
    return this.#server?.isRunning === true;
  }

  /** Resolves with how the current life ended. */
  get exited() {
    return this.#server?.exited;
  }

  /** Unique for every life: a worker that comes back is another worker. */
  get instance() {
    return `${this.#options.index}-${this.lives}`;
  }

  get opsUrl() {
    return `http://127.0.0.1:${this.#ports?.ops}`;
  }

  /** Of an API replica. */
  get url() {
    return `http://127.0.0.1:${this.#ports?.api}`;
  }

  /** Starts a life on the ports of the first one. Resolves once it is alive; it may still be cold. */
  async start(changes = {}) {
    const { program, environment, port, logPath, kind } = this.#options;
    if (!this.#ports) {
      const [ops, api] = await freePorts(2);
      this.#ports = { ops, api: port || api };
    }
    this.lives += 1;
    this.#server = await startServer({
      name: this.name,
      program: platformNode(),
      args: [path.resolve(ROOT, changes.program ?? program), ...(changes.args ?? [])],
      port: this.#ports.ops,
      logPath,
      spawnOptions: {
        cwd: ROOT,
        env: {
          ...environment,
          ...changes.environment,
          ATELIER_INSTANCE: this.instance,
          ATELIER_OPS_PORT: String(this.#ports.ops),
          ...(kind === 'api' ? { ATELIER_PORT: String(this.#ports.api) } : {}),
        },
      },
    });
  }

  async waitUntilReady(timeoutMs = READY_TIMEOUT_MS) {
    const deadline = Date.now() + timeoutMs;
    let last = 'it did not answer';
    while (Date.now() < deadline) {
      if (!this.isRunning) throw new Error(`${this.name} ended before it was ready; see ${this.logPath}`);
      try {
        const response = await fetch(`${this.opsUrl}/readyz`, { signal: AbortSignal.timeout(3_000) });
        last = await response.text();
        if (response.ok) return;
      } catch (error) {
        last = error.message;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.name} was not ready after ${timeoutMs} ms: ${last.trim()}`);
  }

  /** SIGTERM: drains and ends by itself. */
  async stop() {
    return this.#server?.stop();
  }

  /** SIGKILL. */
  async kill() {
    return this.#server?.kill();
  }

  freeze() {
    this.#server?.signal('SIGSTOP');
  }

  thaw() {
    this.#server?.signal('SIGCONT');
  }

  async restart(changes) {
    if (this.isRunning) await this.stop();
    await this.start(changes);
  }
}
