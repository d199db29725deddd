import type { PlantedBug } from '../planted-bugs.ts';
import type { Profile } from '../profile.ts';
import { staleWritesRejected } from '../read-journal.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;

export interface RepeatedMessagesOptions {
  readonly seed: number;
  readonly jobs: number;
  /** @default none */
  readonly bug?: PlantedBug;
}

/** Suite 7: every message arrives three times, late and in another order. */
export const repeatedMessages = (profile: Profile, options: RepeatedMessagesOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, jobs } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: options.bug });
    const disturbance = { seed, copies: 3, delayMs: 25, lateMs: 1_000 };
    const stage = new Stage(profile, {
      name: 'repeated-messages',
      folder,
      weightsDir,
      disturbance,
      ...(options.bug ? { bug: options.bug } : {}),
    });
    try {
      stage.platform.start();
      await stage.traffic.askAll(randomWishes(jobs, random, { steps: STEPS, cancelShare: 0.15 }), 8);
      await stage.drained();
      // The latest copies come when everything is over: they are what this suite is about.
      await new Promise((resolve) => setTimeout(resolve, disturbance.lateMs));
      const end = await stage.finish();
      return stage.judge({ suite: 7, fault: 'every message three times, delayed, reordered' }, end, undisturbed, {
        details: { copies: disturbance.copies },
        goals: [
          {
            what: 'results that came again and changed nothing',
            value: staleWritesRejected(stage.platform.journal(), end.runs),
            bound: 'at least',
            limit: jobs,
          },
        ],
      });
    } finally {
      stage.platform.abandon();
    }
  });
