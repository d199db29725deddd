import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';
import type { Profile } from './profile.ts';
import type { PlantedCatch, SuiteResult } from './suite-result.ts';
import { crashPoints } from './suites/crash-points.ts';
import { denoiseSteps } from './suites/denoise-steps.ts';
import { repeatedMessages } from './suites/repeated-messages.ts';

/** A suite that meets a planted bug, at a size at which it must find it. */
export interface Hunt {
  readonly bug: PlantedBug;
  readonly suite: number;
  readonly run: (profile: Profile, bug: PlantedBug) => Promise<SuiteResult>;
}

const killing = { seed: 1, rounds: 1, jobsPerLife: 6, occurrence: 2 };

export const HUNTS: readonly Hunt[] = [
  {
    bug: PLANTED_BUGS.noFenceCheck,
    suite: 7,
    run: (profile, bug) => repeatedMessages(profile, { seed: 5, jobs: 8, bug }),
  },
  {
    bug: PLANTED_BUGS.markedBeforePublished,
    suite: 1,
    run: (profile, bug) => crashPoints(profile, { ...killing, points: ['relay.before-publish'], bug }),
  },
  {
    bug: PLANTED_BUGS.publishedBeforeCommitted,
    suite: 1,
    run: (profile, bug) => crashPoints(profile, { ...killing, points: ['accept.before-commit'], bug }),
  },
  {
    bug: PLANTED_BUGS.resumedOneStepLate,
    suite: 2,
    run: (profile, bug) => denoiseSteps(profile, { seed: 4, rounds: 1, jobsPerLife: 4, steps: [3], bug }),
  },
];

export async function hunt(profile: Profile, { bug, run }: Hunt): Promise<PlantedCatch> {
  const { violations } = await run(profile, bug);
  const found = violations.filter(({ kind }) => bug.foundAs.includes(kind)).length;
  return { name: bug.name, what: bug.what, found };
}
