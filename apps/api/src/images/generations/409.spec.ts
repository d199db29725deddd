import { describe, expect, it, vi } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/generations -> 409', () => {
  it('tells a waiting caller that the job was canceled, and which', async () => {
    const api = await startApi();
    const waiting = api.call('POST', '/v1/images/generations', { body: { prompt: 'a dog' } });
    const id = await vi.waitFor(async () => {
      const [found] = (await api.store.list('ten_default', { limit: 1 })).generations;
      if (!found) throw new Error('no job yet');
      return found.generation.id;
    });
    await api.call('POST', `/v1/jobs/${id}/cancel`);
    const answer = await waiting;
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({ code: 'job_canceled', job: id });
  });
});
