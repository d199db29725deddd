import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningStack, type Stack, startStack } from '../../../tools/stack/index.mjs';
import type {
  Infrastructure,
  InfrastructureAction,
  Platform,
  PlatformOptions,
  ProcessName,
  Profile,
} from '../profile.ts';
import { NotInThisProfileError } from '../profile.ts';
import { ClusterPlatform } from './cluster-platform.ts';

const PROCESSES: readonly ProcessName[] = [
  'api',
  'orchestrator',
  'prompt-expansion',
  'reference-encoding',
  'denoising',
  'decoding',
  'scoring',
];

/**
 * Every service a process of its own over real servers. One stack serves all platforms of a run, one after the other;
 * they differ by the names of their jobs.
 */
export class ClusterProfile implements Profile {
  readonly name = 'cluster';
  readonly processes = PROCESSES;
  readonly infrastructure: readonly Infrastructure[];
  private readonly given: RunningStack | undefined;
  private own: Promise<{ readonly stack: Stack; readonly folder: string }> | null = null;

  /** @param given servers that somebody else started: then nothing of them is disturbed */
  constructor(given?: RunningStack) {
    this.given = given;
    this.infrastructure = given ? [] : ['broker', 'database', 'cache', 'blobs'];
  }

  create(options: PlatformOptions): Platform {
    return new ClusterPlatform(options, {
      stack: () => this.stack(),
      disturb: (part, action) => this.disturb(part, action),
    });
  }

  async close(): Promise<void> {
    const own = await this.own;
    await own?.stack.stop();
    if (own) await rm(own.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async stack(): Promise<Stack | RunningStack> {
    if (this.given) return this.given;
    this.own ??= this.startOwn();
    return (await this.own).stack;
  }

  private async startOwn() {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-fault-stack-'));
    // PostgreSQL runs under another account where we are root.
    await chmod(folder, 0o755);
    return { folder, stack: await startStack({ dataDir: folder }) };
  }

  private async disturb(part: Infrastructure, action: InfrastructureAction): Promise<void> {
    const own = await this.own;
    if (!own) throw new NotInThisProfileError('these servers belong to somebody else');
    const { kafka, postgres, redis, s3 } = own.stack;
    const server = { broker: kafka, database: postgres, cache: redis, blobs: s3 }[part];
    switch (action) {
      case 'kill':
        await server.kill();
        return;
      case 'stop':
        await server.stop();
        return;
      case 'start':
        await server.restart();
        return;
      case 'freeze':
        server.freeze();
        return;
      case 'thaw':
        server.thaw();
    }
  }
}
