import type { Profile } from '../profile.ts';
import { staleWritesRejected } from '../read-journal.ts';
import { seededRandom } from '../seeded-random.ts';
import { slowEngine } from '../slow-engine.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { atLeast, exactly, type SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

/** As many as the weights take, each with a wait, so that the worker is in the middle of a picture when it stops. */
const STEPS = 64;
const SLOW_ENGINE = slowEngine('true', 20);
/** Two leases of 15 s. */
const FROZEN_MS = 30_000;

export interface FrozenWorkerOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly jobs: number;
}

/** Suite 3: the denoising worker is stopped for two leases and goes on as if nothing had happened. */
export const frozenWorker = (profile: Profile, options: FrozenWorkerOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, rounds, jobs } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: 'frozen-worker', folder, weightsDir, bug: SLOW_ENGINE });
    const { platform, traffic } = stage;
    try {
      platform.start();
      await platform.address();
      for (let turn = 0; turn < rounds; turn += 1) {
        await traffic.askAll(randomWishes(jobs, random, { steps: STEPS, cancelShare: 0 }));
        await platform.freeze('denoising');
        await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
        await platform.thaw('denoising');
        await stage.drained();
      }
      const end = await stage.finish();
      const again = end.runs.filter(({ stage: word, fence }) => word === 'denoising' && fence > 1).length;
      // Not every run whose lease ended is ordered anew: its late answer is taken where it comes before the new order.
      const endedLeases = end.runs.filter(({ lostWorkers }) => lostWorkers.length > 0).length;
      const failed = end.stored.filter(({ state }) => state !== 'succeeded').length;
      return stage.judge({ suite: 3, fault: 'SIGSTOP of a worker for two leases' }, end, undisturbed, {
        details: { frozen: rounds, ordered_anew: again, stale: staleWritesRejected(platform.journal(), end.runs) },
        goals: [
          atLeast('runs whose lease ended', endedLeases, rounds),
          exactly('jobs that did not succeed', failed, 0),
        ],
      });
    } finally {
      await platform.thaw('denoising').catch(() => undefined);
      platform.abandon();
    }
  });
