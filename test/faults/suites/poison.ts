import type { StageRun } from '@atelier/ports';
import { CHOKING_ENGINE, CHOKING_SEEDS } from '../choking-engine.ts';
import type { Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { type Wish } from '../traffic.ts';
import { randomWishes, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
/**
 * Executions after which a run that kills its worker is given up. In a cluster on two different workers that are known to
 * have begun with it: a run that should take less than half a second announces its beginning only when it was ordered
 * before, so its first loss does not count. Embedded three times on the only one; and then a crash may first be blamed
 * on neighbours that were ordered before it and whose end was not stored yet.
 */
const MAX_EXECUTIONS = { cluster: 3, embedded: 12 } as const;

export interface PoisonOptions {
  readonly seed: number;
  /** Sound jobs beside the poisoned ones. */
  readonly neighbours: number;
  /** How often each poison is asked for. */
  readonly poisoned: number;
}

/**
 * Suite 8: requests that kill their worker, draw what is no number, or run out of memory once or always. They end
 * classified after a known number of executions, and their neighbours are drawn as ever.
 */
export const poison = (profile: Profile, options: PoisonOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const random = seededRandom(options.seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: 'poison', folder, weightsDir, bug: CHOKING_ENGINE });
    const { platform, traffic } = stage;
    const ids = new Map<string, keyof typeof CHOKING_SEEDS>();
    const askPoison = async (kind: keyof typeof CHOKING_SEEDS, turn: number): Promise<void> => {
      const wish: Wish = {
        tenant: TENANTS[0] as string,
        body: {
          prompt: 'a red apple',
          seed: CHOKING_SEEDS[kind] + (kind === 'memoryOnce' ? turn : 0),
          n: 1,
          steps: STEPS,
        },
      };
      ids.set(await traffic.ask(wish), kind);
    };
    try {
      const over = new AbortController();
      const lives = platform.keepAlive(over.signal);
      // Awaited below; a platform that ends in another way than by poison must not be waited for.
      lives.catch(() => undefined);
      const half = Math.ceil(options.neighbours / 2);
      await traffic.askAll(randomWishes(half, random, { steps: STEPS, cancelShare: 0 }));
      const others = randomWishes(options.neighbours - half, random, { steps: STEPS, cancelShare: 0 });
      for (let turn = 0; turn < options.poisoned; turn += 1) await askPoison('crash', turn);
      await traffic.askAll(others.splice(0, others.length / 2));
      // An engine that came back has forgotten that it was short of memory before: no crash may fall between two tries.
      await Promise.race([untilDone(stage), lives]);
      for (let turn = 0; turn < options.poisoned; turn += 1) {
        for (const kind of ['notANumber', 'memoryOnce', 'memoryAlways'] as const) {
          await askPoison(kind, turn);
        }
      }
      await traffic.askAll(others);
      await Promise.race([untilDone(stage), lives]);
      over.abort();
      const end = await stage.finish();
      const runsOf = (kind: keyof typeof CHOKING_SEEDS) =>
        end.runs.filter((run) => run.stage === 'denoising' && ids.get(run.generationId) === kind);
      const states = new Map(end.stored.map(({ id, state }) => [id, state]));
      const neighbours = end.stored.filter(({ id }) => !ids.has(id));
      const count = (kind: keyof typeof CHOKING_SEEDS, state: string) =>
        [...ids].filter(([id, one]) => one === kind && states.get(id) === state).length;
      const goal = (what: string, value: number, limit: number) => ({ what, value, bound: 'exactly' as const, limit });
      return stage.judge({ suite: 8, fault: 'poisoned requests' }, end, undisturbed, {
        details: {
          lives: await lives,
          executions_of_a_crashing_run_max: executionsMax(runsOf('crash')),
          neighbours: neighbours.length,
        },
        goals: [
          goal('neighbours drawn', neighbours.filter(({ state }) => state === 'succeeded').length, options.neighbours),
          goal('crashing requests that failed', count('crash', 'failed'), options.poisoned),
          {
            what: 'executions of a crashing run, most',
            value: executionsMax(runsOf('crash')),
            bound: 'at most',
            limit: MAX_EXECUTIONS[profile.name],
          },
          goal('pictures of no numbers that failed', count('notANumber', 'failed'), options.poisoned),
          goal('requests short of memory once that were drawn', count('memoryOnce', 'succeeded'), options.poisoned),
          goal('requests always short of memory that failed', count('memoryAlways', 'failed'), options.poisoned),
          goal('executions of a run always short of memory', executionsMax(runsOf('memoryAlways')), 2),
        ],
      });
    } finally {
      platform.abandon();
    }
  });

const executionsMax = (runs: readonly StageRun[]): number => Math.max(0, ...runs.map(({ fence }) => fence));

/** A process that dies over the question has not answered it. */
async function untilDone({ platform }: Stage): Promise<void> {
  while ((await platform.unfinished()) !== 0) await new Promise((resolve) => setTimeout(resolve, 100));
}
