// How long nobody leads after the leading one of two orchestrators was killed, and when the next job is drawn.
// `npm run bench -- control-plane-takeover`
import { createClient } from '@atelier/client-sdk';
import type { Cluster, ClusterService } from '../../tools/stack/cluster.mjs';
import { withCluster } from './report/bench-cluster.ts';
import { correctnessGate } from './report/bench-platform.ts';
import { publish, rounded } from './report/result-file.ts';

const ROUNDS = 6;
const LOOK_MS = 25;
/** What a killed process leaves behind must be over before the next one is killed. */
const SETTLE_MS = 12_000;
const BODY = { prompt: 'a red apple', steps: 4 } as const;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function leaderOf(cluster: Cluster): Promise<ClusterService | undefined> {
  const running = cluster.ofKind('orchestrator').filter(({ isRunning }) => isRunning);
  const leads = async ({ opsUrl }: ClusterService) =>
    /^atelier_leader 1$/m.test(await (await fetch(`${opsUrl}/metrics`)).text());
  const answers = await Promise.all(running.map(leads));
  return running[answers.indexOf(true)];
}

await withCluster({ replicas: { orchestrator: 2 } }, async (cluster) => {
  const client = createClient({ baseUrl: cluster.url });
  await correctnessGate(client, { ...BODY, seed: 7, response_format: 'url' });
  const withoutLeaderMs: number[] = [];
  const drawnAfterMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await pause(SETTLE_MS);
    const leader = await leaderOf(cluster);
    if (!leader) throw new Error('nobody leads');
    await leader.kill();
    const killedMs = performance.now();
    const job = client.drawImages({ ...BODY, seed: 100 + round, response_format: 'url' });
    const drawn = job.then(() => performance.now() - killedMs);
    while (!(await leaderOf(cluster))) await pause(LOOK_MS);
    withoutLeaderMs.push(performance.now() - killedMs);
    drawnAfterMs.push(await drawn);
    console.log(`round ${round + 1}: led again after ${withoutLeaderMs.at(-1)?.toFixed(0)} ms`);
    await leader.restart();
    await leader.waitUntilReady();
  }
  const spread = (all: readonly number[]) =>
    [...all]
      .sort((a, b) => a - b)
      .map((ms) => rounded(ms / 1_000, 1))
      .join(', ');
  publish('control-plane-takeover', {
    leader_killed: ROUNDS,
    s_without_leader: spread(withoutLeaderMs),
    s_until_the_next_job_was_drawn: spread(drawnAfterMs),
    leader_lease_s: 5,
  });
});
