import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, type ClusterOptions, startCluster } from '../../../tools/stack/cluster.mjs';
import { installStack } from '../../../tools/stack/install.mjs';

/** Runs `work` on a fresh cluster with the tiny weights, which is stopped and removed afterwards. */
export async function withCluster(
  options: Omit<ClusterOptions, 'dataDir'>,
  work: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  await installStack();
  const folder = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  // The database server runs as a user of its own.
  await chmod(folder, 0o755);
  const environment = { ATELIER_WEIGHTS: 'tiny', ATELIER_THREADS: '1', ATELIER_LOG: 'error', ...options.environment };
  const cluster = await startCluster({ ...options, environment, dataDir: folder });
  try {
    await work(cluster);
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sum of a metric over its labels and all orchestrators. */
export async function sumOfOrchestrators(cluster: Cluster, metric: string): Promise<number> {
  const texts = await Promise.all(
    cluster.ofKind('orchestrator').map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text()),
  );
  const values = texts.flatMap((text) => [...text.matchAll(new RegExp(`^${metric}(?:{[^}]*})? ([0-9.]+)`, 'gm'))]);
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
