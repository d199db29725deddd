import type { ProcessName, Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
const HOUR_MS = 3_600_000;

export interface ClocksOptions {
  readonly seed: number;
  /** Jobs at each reading of the clock. */
  readonly jobs: number;
  /** Whose clocks jump. @default those of all processes */
  readonly processes?: readonly ProcessName[];
}

/**
 * Suite 10: the wall clock of a process jumps an hour forward, two back and one forward again, while jobs run; in a
 * cluster that of one service after the other.
 */
export const clocks = (profile: Profile, options: ClocksOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const random = seededRandom(options.seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: 'clocks', folder, weightsDir });
    const wave = () => stage.traffic.askAll(randomWishes(options.jobs, random, { steps: STEPS, cancelShare: 0.1 }));
    let jumps = 0;
    try {
      stage.platform.start();
      await wave();
      for (const name of options.processes ?? profile.processes) {
        for (const offsetMs of [HOUR_MS, -HOUR_MS, 0]) {
          if (profile.name === 'cluster') await stage.drained();
          await stage.platform.setClock(name, offsetMs);
          jumps += 1;
          await wave();
        }
      }
      const end = await stage.finish();
      const lost = end.runs.filter((run) => (run.attempts['worker-lost'] ?? 0) > 0 || run.fence > 1);
      // Rows that were decided on a clock an hour ahead cannot be compared with the times of the journal.
      const stored = end.stored.map((job) => ({ ...job, finishedAt: null }));
      return stage.judge(
        { suite: 10, fault: 'the clock of a process is off by an hour' },
        { ...end, stored },
        undisturbed,
        {
          details: { jumps },
          goals: [
            {
              what: 'runs that were ordered a second time',
              value: lost.filter(({ state }) => state === 'completed').length,
              bound: 'exactly',
              limit: 0,
            },
            {
              what: 'jobs that failed or were rejected',
              value: end.stored.filter(({ state }) => state === 'failed' || state === 'rejected').length,
              bound: 'exactly',
              limit: 0,
            },
          ],
        },
      );
    } finally {
      stage.platform.abandon();
    }
  });
