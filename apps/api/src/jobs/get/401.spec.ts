import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /v1/jobs/{id} -> 401', () => {
  it.each([
    ['no key', undefined],
    ['a wrong key', `Bearer atl_${'A'.repeat(32)}`],
    ['a key of another service', 'Bearer sk-abcdefghijklmnop'],
    ['another scheme', 'Basic YTpi'],
  ])('refuses %s before it looks at anything', async (_name, authorization) => {
    const api = await startApi({ auth: 'keys' });
    const headers = authorization ? { authorization } : {};
    const answer = await api.call('GET', '/v1/jobs/gen_00000000000000000000000001', { headers });
    expect(answer.status).toBe(401);
    expect(errorOf(answer)).toMatchObject({ code: 'unauthorized', type: 'authentication_error' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});
