import type { Profile } from './profile.ts';
import type { SuiteResult } from './suite-result.ts';
import { clocks } from './suites/clocks.ts';
import { crashPoints } from './suites/crash-points.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { flood } from './suites/flood.ts';
import { frozenWorker } from './suites/frozen-worker.ts';
import { poison } from './suites/poison.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';
import { servers } from './suites/servers.ts';
import { terminations } from './suites/terminations.ts';

export interface Suite {
  readonly number: number;
  /** Whether a profile has what the suite disturbs. */
  readonly needs: (profile: Profile) => boolean;
  /** At the size of the published report. */
  readonly run: (profile: Profile) => Promise<SuiteResult>;
}

const always = () => true;
/** The bus of the cluster cannot be made to repeat, nor a clock to jump, and nobody starts a worker again that died. */
const inOneProcess = ({ name }: Profile) => name === 'embedded';

const inCluster = ({ name }: Profile) => name === 'cluster';
const withServers = ({ infrastructure }: Profile) => infrastructure.length > 0;
const away = { jobs: 60, downMs: 60_000, frozenMs: 10_000 };

export const SUITES: readonly Suite[] = [
  { number: 1, needs: always, run: (profile) => crashPoints(profile, { seed: 1, rounds: 2, jobsPerLife: 10 }) },
  { number: 2, needs: always, run: (profile) => denoiseSteps(profile, { seed: 2, rounds: 1, jobsPerLife: 10 }) },
  { number: 3, needs: inCluster, run: (profile) => frozenWorker(profile, { seed: 3, rounds: 2, jobs: 10 }) },
  { number: 4, needs: withServers, run: (profile) => servers(profile, { seed: 4, part: 'broker', ...away }) },
  { number: 5, needs: withServers, run: (profile) => servers(profile, { seed: 5, part: 'cache', ...away }) },
  { number: 6, needs: withServers, run: (profile) => servers(profile, { seed: 6, part: 'database', ...away }) },
  { number: 7, needs: inOneProcess, run: (profile) => repeatedMessages(profile, { seed: 7, jobs: 200 }) },
  { number: 8, needs: inOneProcess, run: (profile) => poison(profile, { seed: 8, neighbours: 60, poisoned: 2 }) },
  { number: 9, needs: always, run: (profile) => flood(profile, { flood: 300, measured: 40, windowMs: 60_000 }) },
  { number: 10, needs: inOneProcess, run: (profile) => clocks(profile, { seed: 10, jobs: 40 }) },
  { number: 14, needs: always, run: (profile) => terminations(profile, { seed: 14, rounds: 6, jobsPerStop: 15 }) },
];
