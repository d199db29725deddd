import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';

describe('GET /v1/jobs/{id}/events -> 204', () => {
  it('tells a client that has seen the end not to come back', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    await drawJob(api, id);
    const { lastSequence } = (await api.store.load(id)) as { lastSequence: number };
    const headers = { 'last-event-id': String(lastSequence) };
    expect((await api.call('GET', `/v1/jobs/${id}/events`, { headers })).status).toBe(204);
  });
});
