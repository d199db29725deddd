import { DenoisingResult } from '@atelier/contracts';
import type { StageRun } from '@atelier/ports';
import type { JournalEntry } from '../journal.ts';
import type { PlantedBug } from '../planted-bugs.ts';
import type { Profile } from '../profile.ts';
import { recoveryIn } from '../read-journal.ts';
import { seededRandom } from '../seeded-random.ts';
import { slowEngine } from '../slow-engine.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { atLeast, atMost, exactly, type SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';
import { dispatchedAnew } from './dispatched-anew.ts';

const STEPS = 8;
/**
 * Cost of a step as the manifest's copy states it, and as the steps have it in which kills fall: from 50 ms on a
 * checkpoint follows every step.
 */
const STEP_MS = 150;
/** The first steps of each life; the pictures behind them may come as quickly as they can. */
const SLOW_ENGINE = slowEngine(
  `(this.parts.host.slowSteps = (this.parts.host.slowSteps ?? 0) + 1) <= ${STEPS}`,
  STEP_MS,
);

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
        bug: withSlowSteps(options.bug),
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
        const journal = stage.platform.journal();
        const { kills } = recoveryIn(journal);
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
            exactly('kills', kills.length, rounds * steps.length),
            atLeast('runs that went on from a checkpoint', resumed.length, 1),
            atMost('steps drawn twice, most', wastedSteps, 1),
            ...dispatchedAnew(journal),
          ],
        });
      } finally {
        stage.platform.abandon();
      }
    },
    { stepMs: STEP_MS },
  );

const withSlowSteps = (bug: PlantedBug | undefined): PlantedBug =>
  bug ? { ...bug, edits: [...bug.edits, ...SLOW_ENGINE.edits] } : SLOW_ENGINE;

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
