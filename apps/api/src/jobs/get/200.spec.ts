import type { Job } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';

describe('GET /v1/jobs/{id} -> 200', () => {
  it('says of a waiting job where it stands and why', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const job = (await api.call('GET', `/v1/jobs/${id}`)).json as Job;
    expect(job).toMatchObject({ status: 'queued', progress: { value: 0 }, queue: { position: 0 } });
    expect(job.queue?.reason).not.toBe('');
  });

  it('says of a finished job what was drawn, by which seed, in how much time', async () => {
    const api = await startApi();
    const { id } = await api.createJob({ n: 2, best_of: 2, seed: 5 });
    await drawJob(api, id);
    const job = (await api.call('GET', `/v1/jobs/${id}`)).json as Job;
    expect(job).toMatchObject({
      status: 'succeeded',
      queue: null,
      progress: { value: 1 },
      cost: { charged_images: 2 },
    });
    expect(job.samples.map(({ candidates }) => candidates.length)).toEqual([2, 2]);
    expect(job.samples[0]?.candidates.map(({ chosen }) => chosen)).toEqual([true, false]);
    expect(job.timings.stages.denoising).toBe(20);
    expect(job.links.events).toBe(`${api.url}/v1/jobs/${id}/events`);
  });
});
