import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /v1/jobs/{id}/events -> 400', () => {
  it.each(['abc', '-1', '1.5', '9'.repeat(30)])('refuses the Last-Event-ID %s', async (id) => {
    const api = await startApi();
    const job = await api.createJob();
    const answer = await api.call('GET', `/v1/jobs/${job.id}/events`, { headers: { 'last-event-id': id } });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_parameter', param: 'Last-Event-ID' });
  });
});
