import type { EndState, Profile } from '../profile.ts';
import { between, seededRandom } from '../seeded-random.ts';
import { engineSlowOnRequest, isSlow, SLOW_STEPS, slowDrawing } from '../slow-engine.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { atLeast, atMost, exactly, type SuiteResult } from '../suite-result.ts';
import type { Wish } from '../traffic.ts';
import { randomWishes, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
/** So slow that a cancel always falls between two known steps. */
const SLOW_STEP_MS = 400;

export interface CancelRacesOptions {
  readonly seed: number;
  /** Jobs that are cancelled at a random moment before or after their end. */
  readonly races: number;
  /** Slow drawings that are cancelled in the middle. */
  readonly slow: number;
}

/** Suite 19: after an acknowledged cancel there is never a picture, and a running drawing stops within one step. */
export const cancelRaces = (profile: Profile, options: CancelRacesOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, races, slow } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, {
      name: 'cancel',
      folder,
      weightsDir,
      bug: engineSlowOnRequest(SLOW_STEP_MS),
      notesSteps: true,
    });
    const { platform, traffic } = stage;
    try {
      platform.start();
      const warm = randomWishes(8, random, { steps: STEPS, cancelShare: 0 });
      const startedMs = performance.now();
      for (const wish of warm) await traffic.drawAndTime(wish);
      // By what a job takes here and now: most cancels come early, some late.
      const jobMs = (performance.now() - startedMs) / warm.length;
      const racing = randomWishes(races, random, { steps: STEPS, cancelShare: 0 }).map((wish) => ({
        ...wish,
        body: { ...wish.body, n: 1 },
        cancelAfterMs: Math.floor(random() ** 2 * 2 * jobMs),
      }));
      await traffic.askAll(racing, 8);
      await stage.drained();
      for (let index = 0; index < slow; index += 1) {
        await traffic.ask(slowWish(index, between(random, SLOW_STEP_MS, 5 * SLOW_STEP_MS)));
      }
      const end = await stage.finish();
      const counted = countAfterCancels(stage, end);
      return stage.judge({ suite: 19, fault: 'cancels at random moments' }, end, undisturbed, {
        details: { cancels: traffic.cancels.length, acknowledged: counted.acknowledged },
        goals: [
          atLeast('cancels that came in time', counted.acknowledged, races / 10),
          atLeast('cancels that came too late', traffic.cancels.length - counted.acknowledged, 1),
          exactly('pictures, charges or other ends after an acknowledged cancel', counted.drawn, 0),
          atLeast('drawings cut off between two steps', counted.cutOff, 1),
          atMost('steps finished after the cancel, most', counted.stepsAfter, 1),
        ],
      });
    } finally {
      platform.abandon();
    }
  });

const slowWish = (index: number, cancelAfterMs: number): Wish => ({
  tenant: TENANTS[index % TENANTS.length] as string,
  body: slowDrawing(index),
  cancelAfterMs,
});

function countAfterCancels({ platform, traffic }: Stage, { stored }: EndState) {
  const jobs = new Map(stored.map((job) => [job.id, job]));
  const slow = new Set(
    traffic.asked.filter(({ recipe }) => isSlow(JSON.parse(recipe))).flatMap(({ acceptedIds }) => acceptedIds),
  );
  const steps = platform.journal().flatMap((entry) => (entry.kind === 'stepped' ? [entry] : []));
  const acknowledged = traffic.cancels.filter(({ outcome }) => outcome === 'canceled');
  const stepsOf = (id: string) => steps.filter((one) => one.id === id && one.step > 0);
  const drawn = acknowledged.filter(({ id }) => {
    const job = jobs.get(id);
    return job?.state !== 'canceled' || job.charges.length > 0 || job.pictures.length > 0;
  });
  const running = acknowledged.filter(({ id }) => slow.has(id) && stepsOf(id).length > 0);
  return {
    acknowledged: acknowledged.length,
    drawn: drawn.length,
    cutOff: running.filter(({ id }) => stepsOf(id).length < SLOW_STEPS).length,
    stepsAfter: Math.max(0, ...running.map(({ id, at }) => stepsOf(id).filter((one) => one.at > at).length)),
  };
}
