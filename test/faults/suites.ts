import type { Profile } from './profile.ts';
import type { SuiteResult } from './suite-result.ts';
import { cancelRaces } from './suites/cancel-races.ts';
import { clocks } from './suites/clocks.ts';
import { crashPoints } from './suites/crash-points.ts';
import { damagedCache } from './suites/damaged-cache.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { flood } from './suites/flood.ts';
import { frozenWorker } from './suites/frozen-worker.ts';
import { fullDisk } from './suites/full-disk.ts';
import { outOfMemory } from './suites/out-of-memory.ts';
import { poison } from './suites/poison.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';
import { servers } from './suites/servers.ts';
import { terminations } from './suites/terminations.ts';

export interface Suite {
  readonly number: number;
  /** Whether a profile has what the suite disturbs. */
  readonly needs: (profile: Profile) => boolean;
  /** At the size of the published report; `scale` multiplies its number of jobs. */
  readonly run: (profile: Profile, scale: number) => Promise<SuiteResult>;
}

const always = () => true;
const inCluster = ({ name }: Profile) => name === 'cluster';
const withServers = ({ infrastructure }: Profile) => infrastructure.length > 0;
/** Enough jobs for a suite to mean something, however small the scale. */
const some = (jobs: number, scale: number): number => Math.max(4, Math.round(jobs * scale));
const away = (jobs: number) => ({ jobs, downMs: 60_000, frozenMs: 10_000 });
/** A job of the cluster costs several times the processor time of one in a single process. */
const by = ({ name }: Profile, embedded: number, cluster: number) => (name === 'embedded' ? embedded : cluster);

export const SUITES: readonly Suite[] = [
  {
    number: 1,
    needs: always,
    run: (profile, scale) =>
      crashPoints(profile, {
        seed: 1,
        rounds: by(profile, 2, 1),
        jobsPerLife: some(by(profile, 75, 25), scale),
      }),
  },
  {
    number: 2,
    needs: always,
    run: (profile, scale) =>
      denoiseSteps(profile, { seed: 2, rounds: 1, jobsPerLife: some(by(profile, 60, 15), scale) }),
  },
  {
    number: 3,
    needs: inCluster,
    run: (profile, scale) => frozenWorker(profile, { seed: 3, rounds: 2, jobs: some(20, scale) }),
  },
  {
    number: 4,
    needs: withServers,
    run: (profile, scale) => servers(profile, { seed: 4, part: 'broker', ...away(some(300, scale)) }),
  },
  {
    number: 5,
    needs: withServers,
    run: (profile, scale) => servers(profile, { seed: 5, part: 'cache', ...away(some(300, scale)) }),
  },
  {
    number: 6,
    needs: withServers,
    run: (profile, scale) => servers(profile, { seed: 6, part: 'database', ...away(some(300, scale)) }),
  },
  {
    number: 7,
    needs: always,
    run: (profile, scale) => repeatedMessages(profile, { seed: 7, jobs: some(by(profile, 2_000, 300), scale) }),
  },
  {
    number: 8,
    needs: always,
    run: (profile, scale) =>
      poison(profile, { seed: 8, neighbours: some(by(profile, 2_000, 200), scale), poisoned: 2 }),
  },
  {
    number: 9,
    needs: always,
    run: (profile, scale) =>
      flood(profile, { flood: some(by(profile, 200, 100), scale), measured: some(40, scale), windowMs: 60_000 }),
  },
  {
    number: 10,
    needs: always,
    run: (profile, scale) => clocks(profile, { seed: 10, jobs: some(by(profile, 900, 25), scale) }),
  },
  {
    number: 11,
    needs: always,
    run: (profile, scale) => fullDisk(profile, { seed: 11, jobs: some(by(profile, 600, 100), scale), fullMs: 3_000 }),
  },
  {
    number: 13,
    needs: always,
    run: (profile, scale) =>
      outOfMemory(profile, {
        seed: 13,
        rounds: by(profile, 6, 2),
        jobsPerKill: some(by(profile, 150, 25), scale),
        short: 3,
      }),
  },
  {
    number: 14,
    needs: always,
    run: (profile, scale) =>
      terminations(profile, { seed: 14, rounds: by(profile, 6, 2), jobsPerStop: some(by(profile, 500, 25), scale) }),
  },
  {
    number: 15,
    needs: always,
    run: (profile, scale) => damagedCache(profile, { seed: 15, jobs: some(by(profile, 1_000, 100), scale) }),
  },
  {
    number: 19,
    needs: always,
    run: (profile, scale) => cancelRaces(profile, { seed: 19, races: some(1_000, scale), slow: some(12, scale) }),
  },
];
