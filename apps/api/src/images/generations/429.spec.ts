import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/generations -> 429', () => {
  it('refuses when the queue is full and says when to come back', async () => {
    const api = await startApi({ maxQueued: 1 });
    await api.createJob();
    const answer = await api.call('POST', '/v1/images/generations', { body: { prompt: 'a dog' } });
    expect(answer.status).toBe(429);
    expect(errorOf(answer)).toMatchObject({ code: 'queue_full', retryable: true });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
