import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /admin/keys -> 401', () => {
  it('wants the token of the data folder, not an API key', async () => {
    const api = await startApi({ auth: 'keys', adminToken: 'secret' });
    const attempts = [{}, { authorization: 'Bearer wrong' }, await api.keyOf('ten_acme')];
    for (const headers of attempts) {
      const answer = await api.call('POST', '/admin/keys', { body: { tenant: 'acme' }, headers });
      expect(answer.status).toBe(401);
      expect(errorOf(answer).code).toBe('unauthorized');
    }
  });

  it('does not exist where no token was made', async () => {
    const api = await startApi();
    expect((await api.call('POST', '/admin/keys', { body: { tenant: 'acme' } })).status).toBe(404);
  });
});
