import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /v1/jobs/{id} -> 404', () => {
  it.each(['gen_00000000000000000000000009', 'gen_x', '1', "gen_'; drop table", '..', '%00', 'gen_%F0%9F%90%B6'])(
    'does not know %s',
    async (id) => {
      const api = await startApi();
      const answer = await api.call('GET', `/v1/jobs/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(404);
      expect(['job_not_found', 'not_found']).toContain(errorOf(answer).code);
    },
  );

  it("does not tell another tenant's job from one that never was, on any route", async () => {
    const api = await startApi({ auth: 'keys' });
    const [acme, rival] = await Promise.all([api.keyOf('ten_acme'), api.keyOf('ten_rival')]);
    const { id } = await api.createJob({}, acme);
    const calls = [
      ['GET', `/v1/jobs/${id}`],
      ['POST', `/v1/jobs/${id}/cancel`],
      ['GET', `/v1/jobs/${id}/events`],
    ] as const;
    for (const [method, path] of calls) {
      const foreign = await api.call(method, path, { headers: rival });
      const absent = await api.call(method, path.replace(id, 'gen_00000000000000000000009999'), { headers: rival });
      expect(foreign.status, path).toBe(404);
      const { request_id: _a, ...theirs } = errorOf(foreign);
      const { request_id: _b, ...nobodys } = errorOf(absent);
      expect(theirs).toEqual(nobodys);
    }
    expect((await api.call('GET', `/v1/jobs/${id}`, { headers: acme })).status).toBe(200);
  });
});
