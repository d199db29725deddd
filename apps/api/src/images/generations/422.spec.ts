import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/generations -> 422', () => {
  it('refuses an idempotency key that another request used', async () => {
    const api = await startApi();
    const headers = { 'idempotency-key': '"order-1"' };
    await api.createJob({ prompt: 'a dog' }, headers);
    const answer = await api.call('POST', '/v1/images/generations', { body: { prompt: 'a cat' }, headers });
    expect(answer.status).toBe(422);
    expect(errorOf(answer)).toMatchObject({ code: 'idempotency_key_reused', param: 'Idempotency-Key' });
  });
});
