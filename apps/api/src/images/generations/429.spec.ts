import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/generations -> 429', () => {
  it('refuses when the queue is full, says when to come back and how long the job would take', async () => {
    const api = await startApi({ maxQueued: 1 });
    await api.createJob();
    const answer = await api.call('POST', '/v1/images/generations', { body: { prompt: 'a dog' } });
    expect(answer.status).toBe(429);
    expect(errorOf(answer)).toMatchObject({ code: 'queue_full', retryable: true });
    expect(errorOf(answer).message).toMatch(/would be done in about \d+ s\./);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('refuses the tenant that filled its part of the queue, and nobody else', async () => {
    const api = await startApi({ auth: 'keys', maxQueued: 4 });
    const [acme, rival] = await Promise.all([api.keyOf('ten_acme'), api.keyOf('ten_rival')]);
    for (let job = 0; job < 2; job += 1) await api.createJob({}, acme);
    const refused = await api.call('POST', '/v1/jobs', { body: { prompt: 'a dog' }, headers: acme });
    expect(refused.status).toBe(429);
    expect(errorOf(refused).message).toContain('2 unfinished jobs');
    for (let job = 0; job < 2; job += 1) await api.createJob({}, rival);
  });
});
