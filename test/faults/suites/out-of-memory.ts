import { CHOKING_ENGINE, CHOKING_SEEDS } from '../choking-engine.ts';
import type { ProcessName, Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { exactly, type SuiteResult } from '../suite-result.ts';
import { randomWishes, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';
import { dispatchedAnew } from './dispatched-anew.ts';

const STEPS = 4;

export interface OutOfMemoryOptions {
  readonly seed: number;
  /** How often each process is taken by the out-of-memory killer. */
  readonly rounds: number;
  /** @default all of the profile */
  readonly processes?: readonly ProcessName[];
  readonly jobsPerKill: number;
  /** How often a request is asked for that is short of memory once, and one that always is. */
  readonly short: number;
}

/**
 * Suite 13: each process in turn is ended for want of memory under load; and requests that are short of memory are
 * tried once more, smaller, and then end classified.
 */
export const outOfMemory = (profile: Profile, options: OutOfMemoryOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, rounds, jobsPerKill, short, processes = profile.processes } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: 'out-of-memory', folder, weightsDir, bug: CHOKING_ENGINE });
    const { platform, traffic } = stage;
    const killedBy: string[] = [];
    const killInWave = async (name: ProcessName): Promise<void> => {
      const wishes = randomWishes(jobsPerKill, random, { steps: STEPS, cancelShare: 0 });
      await stage.duringWave(wishes, 100 + random() * 300, async () => {
        killedBy.push(await platform.killByMemory(name));
        platform.start();
      });
      await stage.drained();
    };
    const askShort = async (kind: 'memoryOnce' | 'memoryAlways'): Promise<string[]> => {
      const ids: string[] = [];
      for (let index = 0; index < short; index += 1) {
        const body = {
          prompt: 'a red apple',
          seed: CHOKING_SEEDS[kind] + (kind === 'memoryOnce' ? index : 0),
          n: 1,
          steps: STEPS,
        };
        ids.push(await traffic.ask({ tenant: TENANTS[0] as string, body }));
      }
      return ids;
    };
    try {
      platform.start();
      for (let turn = 0; turn < rounds; turn += 1) {
        for (const name of processes) await killInWave(name);
      }
      const [once, always] = [await askShort('memoryOnce'), await askShort('memoryAlways')];
      const end = await stage.finish();
      const states = new Map(end.stored.map(({ id, state }) => [id, state]));
      const failed = end.stored.filter(({ id, state }) => state !== 'succeeded' && !always.includes(id)).length;
      const executions = end.runs.filter(
        ({ stage: word, generationId }) => word === 'denoising' && always.includes(generationId),
      );
      return stage.judge({ suite: 13, fault: 'out-of-memory kill of each process' }, end, undisturbed, {
        details: {
          kills: killedBy.length,
          kills_by_the_kernel: killedBy.filter((by) => by === 'kernel').length,
        },
        goals: [
          exactly('kills', killedBy.length, rounds * processes.length),
          exactly('jobs that failed beside those always short of memory', failed, 0),
          exactly(
            'jobs short of memory once that were drawn',
            once.filter((id) => states.get(id) === 'succeeded').length,
            short,
          ),
          exactly(
            'jobs always short of memory that failed',
            always.filter((id) => states.get(id) === 'failed').length,
            short,
          ),
          exactly(
            'executions of a run always short of memory',
            Math.max(0, ...executions.map(({ fence }) => fence)),
            2,
          ),
          ...dispatchedAnew(platform.journal()),
        ],
      });
    } finally {
      platform.abandon();
    }
  });
