import type { Infrastructure, Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, round, Stage } from '../stage.ts';
import type { SuiteResult } from '../suite-result.ts';
import { randomWishes } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
type Disturbed = Exclude<Infrastructure, 'blobs'>;
const FAULTS: Readonly<Record<Disturbed, { readonly suite: number; readonly fault: string }>> = {
  broker: { suite: 4, fault: 'broker killed, down, started again; then frozen' },
  cache: { suite: 5, fault: 'Redis killed, down, started again; then frozen' },
  database: { suite: 6, fault: 'PostgreSQL killed, down, started again; then frozen' },
};

export interface ServersOptions {
  readonly seed: number;
  readonly part: Disturbed;
  readonly jobs: number;
  /** How long the server stays away after its kill. */
  readonly downMs: number;
  /** How long it is frozen in the second half. */
  readonly frozenMs: number;
}

/** Suites 4 to 6: a server that the services stand on is killed under load and comes back, then is frozen and thawed. */
export const servers = (profile: Profile, options: ServersOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, part, jobs, downMs, frozenMs } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const stage = new Stage(profile, { name: `servers-${part}`, folder, weightsDir });
    const { platform, traffic } = stage;
    // Without its database or its bus the API may say so, and the client asks again with the same key.
    traffic.retriesServerErrors = true;
    const during = async (away: () => Promise<void>, back: () => Promise<void>, awayMs: number): Promise<number> => {
      const wishes = randomWishes(jobs / 2, random, { steps: STEPS, cancelShare: 0.1 });
      const backMs = await stage.duringWave(wishes, 200 + random() * 300, async () => {
        await away();
        await new Promise((resolve) => setTimeout(resolve, awayMs));
        await back();
        return performance.now();
      });
      await stage.drained();
      return (performance.now() - backMs) / 1000;
    };
    try {
      platform.start();
      await platform.address();
      const drainedS = [
        await during(
          () => platform.disturb(part, 'kill'),
          () => platform.disturb(part, 'start'),
          downMs,
        ),
        await during(
          () => platform.disturb(part, 'freeze'),
          () => platform.disturb(part, 'thaw'),
          frozenMs,
        ),
      ];
      const end = await stage.finish();
      const failed = end.stored.filter(({ state }) => state === 'failed' || state === 'rejected');
      return stage.judge(FAULTS[part], end, undisturbed, {
        details: { down_s: downMs / 1000, frozen_s: frozenMs / 1000, drained_after_s: round(Math.max(...drainedS)) },
        goals: [{ what: 'jobs that failed', value: failed.length, bound: 'exactly', limit: 0 }],
      });
    } finally {
      await platform.disturb(part, 'thaw').catch(() => undefined);
      platform.abandon();
    }
  });
