import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /v1/jobs -> 400', () => {
  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['status=done', 'status'],
    ['cursor=nonsense', 'cursor'],
    ['created_after=-1', 'created_after'],
  ])('refuses ?%s', async (query, param) => {
    const api = await startApi();
    const answer = await api.call('GET', `/v1/jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_parameter', param });
  });
});
