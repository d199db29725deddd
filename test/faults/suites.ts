import type { Profile } from './profile.ts';
import type { SuiteResult } from './suite-result.ts';
import { crashPoints } from './suites/crash-points.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { flood } from './suites/flood.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';

export interface Suite {
  readonly number: number;
  /** Whether a profile has what the suite disturbs. */
  readonly needs: (profile: Profile) => boolean;
  /** At the size of the published report. */
  readonly run: (profile: Profile) => Promise<SuiteResult>;
}

const always = () => true;

export const SUITES: readonly Suite[] = [
  { number: 1, needs: always, run: (profile) => crashPoints(profile, { seed: 1, rounds: 2, jobsPerLife: 10 }) },
  { number: 2, needs: always, run: (profile) => denoiseSteps(profile, { seed: 2, rounds: 1, jobsPerLife: 10 }) },
  { number: 7, needs: always, run: (profile) => repeatedMessages(profile, { seed: 7, jobs: 200 }) },
  { number: 9, needs: always, run: (profile) => flood(profile, { flood: 300, measured: 40, windowMs: 60_000 }) },
];
