import { fileURLToPath } from 'node:url';
import { type AtelierClient, createClient, type Job } from '@atelier/client-sdk';
import type { GenerationStore, StageRun } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../tools/stack/cluster.mjs';
import type { RedisServer } from '../../../tools/stack/redis.mjs';
import { stripedPicture } from '../../striped-picture.ts';
import { pictureHash } from './pictures.ts';

const SLOW_ENCODER = fileURLToPath(new URL('./slow-encoder.ts', import.meta.url));

export interface CacheSubjects {
  readonly cluster: Cluster;
  readonly store: GenerationStore;
  /** The cluster's own: it is killed. */
  readonly redis: RedisServer;
}

/** What workers share of reference pictures through Redis. Leaves the cluster as it was. */
export function referencesAcrossWorkers(subjects: () => CacheSubjects): void {
  const encoder = () => subjects().cluster.service('reference-encoding-1');
  const client = () => createClient({ baseUrl: subjects().cluster.url });
  /** Nothing that the process before kept in memory is there any more: what it knows, Redis told it. */
  const anotherEncoder = async (program?: string) => {
    await encoder().restart(program === undefined ? {} : { program });
    await encoder().waitUntilReady();
  };
  const edit = async (image: Blob): Promise<Edited> => {
    const { id } = await client().createEditJob({ prompt: 'make the apple blue', images: [image], seed: 5 });
    return editedOf(await client().waitForJob(id), subjects().store, client());
  };

  describe('share reference pictures', () => {
    it('through Redis: another worker process encodes nothing and draws the same pixels', async () => {
      const picture = await stripes(3);
      await anotherEncoder(SLOW_ENCODER);
      const first = await edit(picture);
      await anotherEncoder(SLOW_ENCODER);
      const second = await edit(picture);
      expect([first.cacheHit, second.cacheHit]).toEqual([false, true]);
      expect(second.workerId).not.toBe(first.workerId);
      expect(second.sha256).toBe(first.sha256);
      // The picture's own: another one neither hits nor gives the same.
      const other = await edit(await stripes(4));
      expect(other).toMatchObject({ cacheHit: false, sha256: expect.not.stringMatching(first.sha256) });
    });

    it('while Redis lives; killed in the middle, everything is encoded again to the same pixels', async () => {
      const { redis } = subjects();
      const picture = await stripes(5);
      const before = await edit(picture);
      const fresh = await stripes(6);
      const underWay = client().createEditJob({ prompt: 'make the apple blue', images: [fresh], seed: 5 });
      const { id } = await underWay;
      await runOf(subjects().store, id);
      await redis.kill();
      expect((await client().waitForJob(id)).status).toBe('succeeded');
      await anotherEncoder(SLOW_ENCODER);
      const without = await edit(picture);
      expect(without).toMatchObject({ cacheHit: false, sha256: before.sha256 });
      await redis.restart();
      // Empty, and believed in again after a while: what is encoded now is there for the next process.
      await expect
        .poll(
          async () => {
            const again = await edit(await stripes(7));
            await anotherEncoder(SLOW_ENCODER);
            return [again.cacheHit, (await edit(await stripes(7))).cacheHit];
          },
          { timeout: 60_000 },
        )
        .toEqual([expect.any(Boolean), true]);
      await anotherEncoder();
    });
  });
}

interface Edited {
  readonly sha256: string;
  readonly cacheHit: boolean;
  readonly workerId: string | null;
}

async function editedOf(job: Job, store: GenerationStore, client: AtelierClient): Promise<Edited> {
  expect(job).toMatchObject({ status: 'succeeded' });
  const { result, workerId } = await runOf(store, job.id);
  return {
    sha256: await pictureHash(client, job),
    cacheHit: (result as { readonly cacheHit: boolean }).cacheHit,
    workerId,
  };
}

/** The job's encoding run, as soon as a worker has the order for it. */
async function runOf(store: GenerationStore, id: string): Promise<StageRun> {
  const ordered = async () => (await store.load(id as never))?.runs.find(({ stage }) => stage === 'reference-encoding');
  await expect.poll(async () => (await ordered())?.workerId ?? null, { timeout: 15_000 }).not.toBeNull();
  return (await ordered()) as StageRun;
}

const stripes = async (number: number): Promise<Blob> => new Blob([new Uint8Array(await stripedPicture(number))]);
