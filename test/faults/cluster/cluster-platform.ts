import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3BlobStore } from '@atelier/blob-s3';
import { systemClock } from '@atelier/platform';
import type { GenerationStore, TenantShare } from '@atelier/ports';
import { openPostgresStore } from '@atelier/store-prisma';
import { type Cluster, type ClusterService, startCluster } from '../../../tools/stack/cluster.mjs';
import type { RunningStack, Stack } from '../../../tools/stack/index.mjs';
import { type JournalEntry, journalBytes, readJournal, writeJournal } from '../journal.ts';
import { killByMemory } from '../kill-by-memory.ts';
import {
  apiKeyOf,
  type EndState,
  type Infrastructure,
  type InfrastructureAction,
  type KillPlan,
  NotInThisProfileError,
  type Platform,
  PlatformFailedError,
  type PlatformOptions,
  type ProcessName,
  processOf,
} from '../profile.ts';
import { readEndOf } from '../read-end.ts';
import { BusTap } from './bus-tap.ts';

const SERVICE_CHILD = fileURLToPath(new URL('./service-child.ts', import.meta.url));
const SHIFT_CLOCK = new URL('./shift-clock.ts', import.meta.url).href;
const PLANT_BUG = new URL('../plant-bug.ts', import.meta.url).href;
const RETRY_MS = 250;
/** Longer than a database needs to come back. */
const DATABASE_PATIENCE_MS = 120_000;

export interface ClusterServers {
  stack(): Promise<Stack | RunningStack>;
  disturb(part: Infrastructure, action: InfrastructureAction): Promise<void>;
}

interface Opened {
  readonly cluster: Cluster;
  readonly store: GenerationStore;
  readonly tap: BusTap;
  readonly stack: Stack | RunningStack;
}

/** One process for the API, one for the orchestrator, one for each stage. */
export class ClusterPlatform implements Platform {
  private readonly options: PlatformOptions;
  private readonly servers: ClusterServers;
  private readonly journalFile: string;
  private opened: Promise<Opened> | null = null;
  private tap: BusTap | null = null;
  private abandoned = false;
  /** The newest `start`: whoever ends processes waits for it, or one that is just being started would be left over. */
  private starting: Promise<unknown> = Promise.resolve();

  constructor(options: PlatformOptions, servers: ClusterServers) {
    this.options = options;
    this.servers = servers;
    this.journalFile = join(options.folder, `${options.name}.jsonl`);
  }

  start({ kill }: { readonly kill?: KillPlan } = {}): {
    readonly ended: Promise<void>;
    readonly started: Promise<unknown>;
  } {
    const before = this.starting;
    const started = before.then(() => this.startAll(kill));
    this.starting = started.catch(() => undefined);
    const ended = started.then((service) => service.exited).then(() => undefined);
    ended.catch(() => undefined);
    return { ended, started: this.starting };
  }

  async address(): Promise<string> {
    const { cluster } = await this.open();
    return cluster.url;
  }

  async addresses(): Promise<readonly string[]> {
    return (await this.open()).cluster.urls;
  }

  async unfinished(): Promise<number | null> {
    const { store } = await this.open();
    const { byState, outboxPending } = await patiently(() => store.counts());
    return (byState.queued ?? 0) + (byState.running ?? 0) + outboxPending;
  }

  async shares(): Promise<TenantShare[]> {
    const { store } = await this.open();
    return patiently(() => store.tenantShares());
  }

  async kill(process?: ProcessName): Promise<void> {
    const { cluster } = await this.open();
    await this.starting;
    await Promise.all((process ? [serviceOf(cluster, process)] : cluster.services).map((service) => service.kill()));
    this.write({ kind: 'killed', at: Date.now(), point: 'worker.before-execute', progress: null });
  }

  async terminate(process: ProcessName, turn: number): Promise<number> {
    const { cluster } = await this.open();
    await this.starting;
    const service = serviceOf(cluster, process, turn);
    const startedMs = performance.now();
    const end = await service.stop();
    if (end?.code !== 0) {
      throw new PlatformFailedError(`${service.name} was told to stop and ended with ${end?.signal ?? end?.code}`);
    }
    return performance.now() - startedMs;
  }

  async setClock(process: ProcessName, offsetMs: number): Promise<void> {
    await this.starting;
    const service = serviceOf((await this.open()).cluster, process);
    const environment = { NODE_OPTIONS: `--import ${SHIFT_CLOCK}`, CLOCK_OFFSET_MS: String(offsetMs) };
    await service.restart(offsetMs === 0 ? {} : { environment });
    await service.waitUntilReady();
  }

  async killByMemory(process: ProcessName): Promise<'kernel' | 'signal'> {
    await this.starting;
    const service = serviceOf((await this.open()).cluster, process);
    const by = await killByMemory(service.pid as number, service.exited as Promise<unknown>);
    this.write({ kind: 'killed', at: Date.now(), point: 'worker.before-execute', progress: null });
    return by;
  }

  async keepAlive(signal: AbortSignal): Promise<number> {
    const { cluster } = await this.open();
    await this.start().started;
    const before = livesOf(cluster);
    while (!signal.aborted) {
      if (cluster.services.some(({ isRunning }) => !isRunning)) await this.start().started;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return livesOf(cluster) - before + 1;
  }

  async freeze(process: ProcessName): Promise<void> {
    serviceOf((await this.open()).cluster, process).freeze();
  }

  async thaw(process: ProcessName): Promise<void> {
    serviceOf((await this.open()).cluster, process).thaw();
  }

  disturb(part: Infrastructure, action: InfrastructureAction): Promise<void> {
    return this.servers.disturb(part, action);
  }

  async stop(): Promise<void> {
    const { cluster, tap } = await this.open();
    await this.untilTapped();
    await this.starting;
    await cluster.stop();
    await tap.close();
  }

  abandon(): void {
    if (this.abandoned || !this.opened) return;
    this.abandoned = true;
    void this.opened.then(async ({ cluster, store, tap }) => {
      await Promise.allSettled([...cluster.services.map((service) => service.kill()), store.close(), tap.close()]);
    });
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.journalFile).map((entry) =>
      entry.kind === 'killed' && entry.progress === null ? { ...entry, progress: this.progressAt(entry.at) } : entry,
    );
  }

  journalBytes(): number {
    return journalBytes(this.journalFile);
  }

  async readEnd(): Promise<EndState> {
    const { store, stack } = await this.open();
    const { endpoint, region, accessKeyId, secretAccessKey } = stack.s3;
    const blobs = new S3BlobStore({
      endpoint,
      region,
      bucket: stack.environment.ATELIER_S3_BUCKET as string,
      credentials: { accessKeyId, secretAccessKey },
      clock: systemClock,
    });
    try {
      // Other suites have used the same database.
      return await readEndOf({ store, blobs }, this.options.tenants, (request) =>
        request.startsWith(`${this.options.name}-`),
      );
    } finally {
      blobs.close();
    }
  }

  /** Resolves with the process whose end is the end of this start. */
  private async startAll(kill: KillPlan | undefined): Promise<ClusterService> {
    const { cluster } = await this.open();
    const doomed = kill ? serviceOf(cluster, processOf(kill)) : null;
    const idle = cluster.services.filter((service) => !service.isRunning && service !== doomed);
    await Promise.all(idle.map((service) => service.start()));
    if (doomed && kill) {
      const args = [doomed.kind, JSON.stringify(kill), this.journalFile];
      await doomed.restart({ program: SERVICE_CHILD, args });
    }
    await Promise.all(idle.map((service) => service.waitUntilReady()));
    return doomed ?? cluster.service('api-1');
  }

  private open(): Promise<Opened> {
    this.opened ??= this.openNow();
    return this.opened;
  }

  private async openNow(): Promise<Opened> {
    const { name, folder, weightsDir, bug, apiReplicas = 1 } = this.options;
    const stack = await this.servers.stack();
    const dataDir = join(folder, `cluster-${name}`);
    await mkdir(dataDir, { recursive: true });
    const cluster = await startCluster({
      dataDir,
      stack: { ...stack, stop: async () => undefined },
      replicas: { api: apiReplicas },
      environment: {
        ATELIER_WEIGHTS: basename(weightsDir),
        ATELIER_WEIGHTS_DIR: dirname(weightsDir),
        ATELIER_THREADS: '1',
        ATELIER_AUTH: 'keys',
        ATELIER_QUEUE_LIMIT: '20000',
        ...(bug ? { NODE_OPTIONS: `--import ${PLANT_BUG}`, PLANTED_EDITS: JSON.stringify(bug.edits) } : {}),
      },
    });
    const store = await openPostgresStore({ url: stack.postgres.url, clock: systemClock });
    await this.createTenants(store);
    const { disturbance, notesSteps = false } = this.options;
    const tap = new BusTap(stack.kafka.brokers, `faults-${name}-${process.pid}`, (entry) => this.write(entry), {
      notesSteps,
      ...(disturbance ? { disturbance } : {}),
    });
    this.tap = tap;
    await tap.open();
    this.write({ kind: 'ready', at: Date.now() });
    return { cluster, store, tap, stack };
  }

  private async createTenants(store: GenerationStore): Promise<void> {
    for (const id of this.options.tenants) {
      const keyHash = createHash('sha256').update(apiKeyOf(id)).digest('hex');
      await store.createTenant({ id, weight: this.options.weights?.[id] ?? 1, name: id });
      if ((await store.resolveApiKey(keyHash)) === null) {
        await store.createApiKey({ tenantId: id, keyHash, label: 'fault suites' });
      }
    }
  }

  /** The tap hears of an end a moment after the outbox is empty. */
  private async untilTapped(): Promise<void> {
    const { tap } = await this.open();
    for (let before = -1, calm = 0; calm < 4; ) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      calm = tap.ended.size === before ? calm + 1 : 0;
      before = tap.ended.size;
    }
  }

  private progressAt(at: number): { runId: string; step: number } | null {
    return this.tap?.progressBefore(at) ?? null;
  }

  private write(entry: JournalEntry): void {
    writeJournal(this.journalFile, entry);
  }
}

const livesOf = (cluster: Cluster): number => cluster.services.reduce((sum, { lives }) => sum + lives, 0);

function serviceOf(cluster: Cluster, process: ProcessName, turn = 0): ClusterService {
  const replicas = process === 'platform' ? [] : cluster.ofKind(process);
  const service = replicas[turn % Math.max(1, replicas.length)];
  if (!service) throw new NotInThisProfileError(`the cluster has no process ${process}`);
  return service;
}

/** A database that is being killed answers later. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + DATABASE_PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
