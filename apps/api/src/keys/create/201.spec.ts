import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('POST /admin/keys -> 201', () => {
  it('makes a key that opens the API and is stored as a hash only', async () => {
    const api = await startApi({ auth: 'keys', adminToken: 'secret' });
    const headers = { authorization: 'Bearer secret' };
    const { json } = await api.call('POST', '/admin/keys', { body: { tenant: 'acme', label: 'ci' }, headers });
    const { key, tenant } = json as { key: string; tenant: string };
    expect(tenant).toBe('ten_acme');
    const jobs = await api.call('GET', '/v1/jobs', { headers: { authorization: `Bearer ${key}` } });
    expect(jobs.status).toBe(200);
    const list = await api.call('GET', '/admin/keys?tenant=acme', { headers });
    expect(JSON.stringify(list.json)).not.toContain(key.slice(4));
    expect(list.json).toMatchObject({ data: [{ label: 'ci' }] });
  });
});
