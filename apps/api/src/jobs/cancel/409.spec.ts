import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';

describe('POST /v1/jobs/{id}/cancel -> 409', () => {
  it('leaves a finished job as it is', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    await drawJob(api, id);
    const answer = await api.call('POST', `/v1/jobs/${id}/cancel`);
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({ code: 'job_finished', job: id });
    expect((await api.store.load(id))?.generation.state).toBe('succeeded');
  });
});
