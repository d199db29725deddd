import { type FollowedStream, followStream, isWhole } from '../event-streams.ts';
import type { ProcessName, Profile } from '../profile.ts';
import { percentile, seededRandom } from '../seeded-random.ts';
import { engineSlowOnRequest, slowDrawing } from '../slow-engine.ts';
import { drawUndisturbed, round, Stage } from '../stage.ts';
import { atLeast, atMost, exactly, type SuiteResult } from '../suite-result.ts';
import { change, randomWishes, recipes, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
const MAX_DRAIN_MS = 2_000;
/** So slow that the event stream of a drawing is cut off in the middle. */
const SLOW_STEP_MS = 150;
const [FOLLOWING] = TENANTS as [string];

export interface TerminationsOptions {
  readonly seed: number;
  /** How often each process is told to stop. */
  readonly rounds: number;
  readonly jobsPerStop: number;
}

/**
 * Suite 14: SIGTERM to one process after the other, each started again at once, while jobs come in and clients follow
 * the event streams of some; where the API has a second replica, they go on there.
 */
export const terminations = (profile: Profile, options: TerminationsOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, rounds, jobsPerStop } = options;
    const random = seededRandom(seed);
    const changed = await change(1, STEPS);
    const bodies = [...recipes(STEPS), changed];
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined, bodies });
    const bug = engineSlowOnRequest(SLOW_STEP_MS);
    const stage = new Stage(profile, { name: 'terminations', folder, weightsDir, bug, apiReplicas: 2 });
    const { platform, traffic } = stage;
    const drainMs: number[] = [];
    const streams: Promise<FollowedStream>[] = [];
    const follow = async (): Promise<void> => {
      const id = await traffic.ask({ tenant: FOLLOWING, body: slowDrawing(streams.length) });
      const stream = followStream(platform, FOLLOWING, id);
      stream.catch(() => undefined);
      streams.push(stream);
    };
    const roll = async (name: ProcessName, turn: number): Promise<void> => {
      const wishes = randomWishes(jobsPerStop - 2, random, { steps: STEPS, cancelShare: 0.1 });
      await platform.address();
      await follow();
      // One that changes a picture, so that every stage has work.
      const all = [{ tenant: FOLLOWING, body: changed }, ...wishes];
      await stage.duringWave(all, 100 + random() * 200, async () => {
        drainMs.push(await platform.terminate(name, turn));
        platform.start();
      });
    };
    try {
      platform.start();
      for (let turn = 0; turn < rounds; turn += 1) {
        for (const name of profile.processes) await roll(name, turn);
      }
      const followed = await Promise.all(streams);
      const end = await stage.finish();
      const failed = end.stored.filter(({ state }) => state === 'failed' || state === 'rejected').length;
      const sum = (of: (stream: FollowedStream) => number) => followed.reduce((total, one) => total + of(one), 0);
      return stage.judge({ suite: 14, fault: 'SIGTERM to every process under load' }, end, undisturbed, {
        details: {
          stops: drainMs.length,
          drain_ms_p50: round(percentile(drainMs, 0.5), 0),
          streams: followed.length,
          stream_entries: sum(({ sequences }) => sequences.length),
          streams_cut_off: sum(({ cutOff }) => cutOff),
        },
        goals: [
          exactly('jobs that failed', failed, 0),
          atMost('milliseconds from SIGTERM to the end, p95', round(percentile(drainMs, 0.95), 0), MAX_DRAIN_MS),
          atLeast(
            'event streams that went on at another address',
            sum((one) => one.wentOnElsewhere),
            1,
          ),
          exactly('event streams with a gap or an entry twice', followed.filter((one) => !isWhole(one)).length, 0),
        ],
      });
    } finally {
      platform.abandon();
    }
  });
