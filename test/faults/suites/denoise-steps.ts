import { DenoisingResult } from '@atelier/contracts';
import type { StageRun } from '@atelier/ports';
import type { JournalEntry } from '../journal.ts';
import type { PlantedBug } from '../planted-bugs.ts';
import type { Profile } from '../profile.ts';
import { recoveryIn } from '../read-journal.ts';
import { percentile, seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';
import { MAX_DISPATCHED_AGAIN_S } from './crash-points.ts';

const STEPS = 8;
/** Cost of a step as the manifest's copy states it: from 50 ms on a checkpoint follows every step. */
const STATED_STEP_MS = 60;

export interface DenoiseStepsOptions {
  readonly seed: number;
  /** Kills at each of these steps, once per round. @default 1..8 */
  readonly steps?: readonly number[];
  readonly rounds: number;
  readonly jobsPerLife: number;
  /** @default none */
  readonly bug?: PlantedBug;
}

/** Suite 2: kill -9 at every denoise step; the picture goes on from its checkpoint, to the same bytes. */
export const denoiseSteps = (profile: Profile, options: DenoiseStepsOptions): Promise<SuiteResult> =>
  withWorkFolder(
    async (folder, weightsDir) => {
      const { seed, rounds, jobsPerLife, steps = [1, 2, 3, 4, 5, 6, 7, 8] } = options;
      const random = seededRandom(seed);
      const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: options.bug });
      const stage = new Stage(profile, {
        name: 'denoise-steps',
        folder,
        weightsDir,
        ...(options.bug ? { bug: options.bug } : {}),
      });
      try {
        const asked: Promise<void>[] = [];
        for (let round = 0; round < rounds; round += 1) {
          for (const step of steps) {
            // Callbacks come once per step: this one falls into the first picture of the life, unless work was left over.
            const kill = { point: 'denoising.after-step', occurrence: step } as const;
            const { ended } = stage.platform.start({ kill });
            const wave = stage.traffic.askAll(randomWishes(jobsPerLife, random, { steps: STEPS, cancelShare: 0 }));
            wave.catch(() => undefined);
            asked.push(wave);
            await ended;
          }
        }
        stage.platform.start();
        await Promise.all(asked);
        const end = await stage.finish();
        const { kills, toNextOrderS } = recoveryIn(stage.platform.journal());
        const resumed = resumptions(kills, end.runs);
        const wastedSteps = Math.max(0, ...resumed.map((one) => one.wastedSteps));
        return stage.judge({ suite: 2, fault: 'kill -9 at every denoise step' }, end, undisturbed, {
          details: {
            kills: kills.length,
            steps_killed_at: new Set(kills.map(({ progress }) => progress?.step)).size,
            resumed_runs: resumed.length,
            wasted_steps_max: wastedSteps,
          },
          goals: [
            { what: 'kills', value: kills.length, bound: 'exactly', limit: rounds * steps.length },
            { what: 'runs that went on from a checkpoint', value: resumed.length, bound: 'at least', limit: 1 },
            // The word of a checkpoint may still be under way: the tiny weights draw two steps in that time.
            { what: 'steps drawn twice, most', value: wastedSteps, bound: 'at most', limit: 2 },
            {
              what: 'seconds until a run is dispatched anew, p95',
              value: percentile(toNextOrderS, 0.95),
              bound: 'at most',
              limit: MAX_DISPATCHED_AGAIN_S,
            },
          ],
        });
      } finally {
        stage.platform.abandon();
      }
    },
    { stepMs: STATED_STEP_MS },
  );

/** Of each run, the last kill in it: steps that were drawn before and had to be drawn again. */
export function resumptions(
  kills: readonly (JournalEntry & { kind: 'killed' })[],
  runs: readonly StageRun[],
): { readonly runId: string; readonly wastedSteps: number }[] {
  const lastKills = new Map(
    kills.flatMap(({ progress }) => (progress ? [[progress.runId, progress.step] as const] : [])),
  );
  return runs.flatMap((run) => {
    const step = lastKills.get(run.id);
    if (run.stage !== 'denoising' || run.state !== 'completed' || step === undefined) return [];
    const { resumedFromStep } = DenoisingResult.parse(run.result);
    return [{ runId: run.id, wastedSteps: step - resumedFromStep }];
  });
}
