import type { Job } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('POST /v1/jobs/{id}/cancel -> 200', () => {
  it('cancels once, however often it is asked', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const first = await api.call('POST', `/v1/jobs/${id}/cancel`);
    const second = await api.call('POST', `/v1/jobs/${id}/cancel`);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect((second.json as Job).status).toBe('canceled');
    expect((await api.store.readEvents(id, 0, 99)).map(({ type }) => type)).toEqual([
      'generation.queued',
      'generation.canceled',
    ]);
  });
});
