import { CRASH_POINTS, type CrashPoint } from '@atelier/ports';
import type { PlantedBug } from '../planted-bugs.ts';
import type { KillPlan, Profile } from '../profile.ts';
import { recoveryIn } from '../read-journal.ts';
import { between, seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { exactly, type SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';
import { dispatchedAnew } from './dispatched-anew.ts';

const STEPS = 4;

export interface CrashPointsOptions {
  readonly seed: number;
  /** Kills at every named point. */
  readonly rounds: number;
  readonly jobsPerLife: number;
  /** @default all that an image without references can reach */
  readonly points?: readonly CrashPoint[];
  /** Which time a point is reached that kills. @default the first in the first round, up to the sixth later */
  readonly occurrence?: number;
  /** @default none */
  readonly bug?: PlantedBug;
}

/** Suite 1: kill -9 at every named point, under load, again and again on the same data. */
export const crashPoints = (profile: Profile, options: CrashPointsOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, rounds, jobsPerLife, points = CRASH_POINTS } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: options.bug });
    const stage = new Stage(profile, {
      name: 'crash-points',
      folder,
      weightsDir,
      ...(options.bug ? { bug: options.bug } : {}),
    });
    try {
      const asked: Promise<void>[] = [];
      let missed = 0;
      for (let round = 0; round < rounds; round += 1) {
        for (const point of points) {
          const kill: KillPlan = { point, occurrence: options.occurrence ?? occurrenceOf(point, round, random) };
          const { ended } = stage.platform.start({ kill });
          const cancelShare = point.startsWith('cancel') ? 0.6 : 0.2;
          const wave = stage.traffic.askAll(randomWishes(jobsPerLife, random, { steps: STEPS, cancelShare }));
          asked.push(wave);
          const drained = wave.then(() => stage.drained()).then(() => 'drained' as const);
          // A wave outlives its process: then it goes on in the next life, where its failure is seen.
          drained.catch(() => undefined);
          if ((await Promise.race([ended, drained])) === 'drained') {
            missed += 1;
            await stage.platform.kill();
          }
        }
      }
      stage.platform.start();
      await Promise.all(asked);
      const end = await stage.finish();
      const journal = stage.platform.journal();
      const { kills } = recoveryIn(journal);
      const reached = new Set(kills.map(({ point }) => point));
      return stage.judge({ suite: 1, fault: 'kill -9 at every named point' }, end, undisturbed, {
        details: {
          kills: kills.length,
          points_killed_at: reached.size,
          points_missed: points.filter((point) => !reached.has(point)).join(' '),
          lives_without_the_point: missed,
        },
        goals: [exactly('points killed at', reached.size, points.length), ...dispatchedAnew(journal)],
      });
    } finally {
      stage.platform.abandon();
    }
  });

/** Early in the life at first, so that every point is surely met; later anywhere in a wave. */
const occurrenceOf = (point: CrashPoint, round: number, random: () => number): number =>
  round === 0 || point.startsWith('cancel') ? 1 : between(random, 1, 6);
