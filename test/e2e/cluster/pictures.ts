import { createHash } from 'node:crypto';
import type { AtelierClient, Job } from '@atelier/client-sdk';

/** sha256 of the file of the first chosen picture. */
export async function pictureHash(client: AtelierClient, job: Job): Promise<string> {
  const image = job.samples[0]?.candidates.find(({ chosen }) => chosen)?.outputs[0];
  if (!image) throw new Error(`job ${job.id} has no picture`);
  return createHash('sha256')
    .update(await client.downloadImage(image.url))
    .digest('hex');
}
