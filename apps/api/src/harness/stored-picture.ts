import type { ApiHarness } from './api-harness.js';
import { drawJob } from './drawn-job.js';

/** Draws one picture and gives its link and bytes. */
export async function storedPicture(api: ApiHarness): Promise<{ link: string; bytes: Uint8Array; sha256: string }> {
  const { id } = await api.createJob();
  await drawJob(api, id);
  const job = (await api.call('GET', `/v1/jobs/${id}`)).json as import('@atelier/contracts').Job;
  const output = job.samples[0]?.candidates[0]?.outputs[0];
  if (!output) throw new Error('the job has no picture');
  const key = decodeURIComponent(new URL(output.url).pathname.replace('/v1/images/content/', ''));
  return { link: output.url, bytes: await api.blobs.get(key), sha256: output.sha256 };
}
