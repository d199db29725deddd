import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlantedBug } from '../planted-bugs.ts';
import type { Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, round, Stage } from '../stage.ts';
import { atLeast, exactly, type SuiteResult } from '../suite-result.ts';
import { change, randomWishes, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;

/**
 * While a file lies at `flag`, a write of a picture or a checkpoint ends as on a full disk: after half of its bytes where
 * objects are files, with the answer of a full server where they lie in one.
 */
const diskFullWhile = (flag: string): PlantedBug => ({
  name: 'a full disk',
  what: 'takes half of an object and no more',
  foundAs: [],
  edits: [
    {
      module: 'libs/adapters/blob-filesystem/dist/durable-files.js',
      find: 'for (const part of parts)',
      replace: `if ((await import('node:fs')).existsSync(${JSON.stringify(flag)})) {
            await file.writeFile(parts[0].subarray(0, parts[0].length >> 1));
            throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        }
        for (const part of parts)`,
    },
    {
      module: 'libs/adapters/blob-s3/dist/s3-blob-store.js',
      find: 'const content = Buffer.from(bytes);',
      replace: `const content = Buffer.from(bytes);
        if ((await import('node:fs')).existsSync(${JSON.stringify(flag)})) {
            throw new BlobStoreUnavailableError('the object store has no space left');
        }`,
    },
  ],
});

export interface FullDiskOptions {
  readonly seed: number;
  /** Half of them are asked for before the disk is full, half meanwhile and after. */
  readonly jobs: number;
  /** Shorter than what a run's retries last. */
  readonly fullMs: number;
}

/** Suite 11: the disk of the pictures is full for a while. Uploads are refused, jobs wait, no object is torn. */
export const fullDisk = (profile: Profile, options: FullDiskOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const { seed, jobs, fullMs } = options;
    const random = seededRandom(seed);
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined });
    const flag = join(folder, 'disk-is-full');
    const stage = new Stage(profile, { name: 'full-disk', folder, weightsDir, bug: diskFullWhile(flag) });
    const { platform, traffic } = stage;
    const wishes = (count: number) => randomWishes(count, random, { steps: STEPS, cancelShare: 0 });
    try {
      platform.start();
      await platform.address();
      await traffic.askAll(wishes(Math.ceil(jobs / 2)), 8);
      await writeFile(flag, '');
      const upload = await change(1, STEPS);
      const { refusal, freedMs } = await stage.duringWave(wishes(Math.floor(jobs / 2)), fullMs, async () => {
        const status = await traffic.statusOf(TENANTS[0] as string, upload);
        await rm(flag);
        return { refusal: status, freedMs: performance.now() };
      });
      await stage.drained();
      const drainedS = (performance.now() - freedMs) / 1000;
      const end = await stage.finish();
      const retried = end.runs.filter(({ attempts }) => (attempts.transient ?? 0) > 0);
      const count = (state: string) => end.stored.filter((job) => job.state === state).length;
      return stage.judge({ suite: 11, fault: 'the disk of the pictures is full' }, end, undisturbed, {
        details: { full_s: fullMs / 1000, runs_tried_again: retried.length, drained_after_s: round(drainedS) },
        goals: [
          exactly('status of an upload meanwhile', refusal, 503),
          atLeast('runs tried again', retried.length, 1),
          exactly('jobs drawn', count('succeeded'), jobs),
        ],
      });
    } finally {
      platform.abandon();
    }
  });
