import type { ProcessName, Profile } from '../profile.ts';
import { percentile, seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, round, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
const MAX_DRAIN_MS = 2_000;

export interface TerminationsOptions {
  readonly seed: number;
  /** How often each process is told to stop. */
  readonly rounds: number;
  readonly jobsPerStop: number;
}

/** Suite 14: SIGTERM to one process after the other, each started again at once, while jobs come in. */
export const terminations = (profile: Profile, options: TerminationsOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, rounds, jobsPerStop } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: 'terminations', folder, weightsDir });
    const { platform, traffic } = stage;
    const drainMs: number[] = [];
    const roll = async (name: ProcessName): Promise<void> => {
      await platform.address();
      const wave = traffic.askAll(randomWishes(jobsPerStop, random, { steps: STEPS, cancelShare: 0.1 }));
      wave.catch(() => undefined);
      // In the middle of the wave, not before its first job.
      await new Promise((resolve) => setTimeout(resolve, 100 + random() * 200));
      drainMs.push(await platform.terminate(name));
      platform.start();
      await wave;
    };
    try {
      platform.start();
      for (let turn = 0; turn < rounds; turn += 1) {
        for (const name of profile.processes) await roll(name);
      }
      const end = await stage.finish();
      const failed = end.stored.filter(({ state }) => state === 'failed' || state === 'rejected').length;
      return stage.judge({ suite: 14, fault: 'SIGTERM to every process under load' }, end, undisturbed, {
        details: { stops: drainMs.length, drain_ms_p50: round(percentile(drainMs, 0.5), 0) },
        goals: [
          { what: 'jobs that failed', value: failed, bound: 'exactly', limit: 0 },
          {
            what: 'milliseconds from SIGTERM to the end, p95',
            value: round(percentile(drainMs, 0.95), 0),
            bound: 'at most',
            limit: MAX_DRAIN_MS,
          },
        ],
      });
    } finally {
      platform.abandon();
    }
  });
