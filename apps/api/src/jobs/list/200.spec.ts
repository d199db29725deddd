import type { JobList } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';

describe('GET /v1/jobs -> 200', () => {
  it('pages through all jobs, newest first, each once', async () => {
    const api = await startApi();
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await api.createJob({ seed: index })).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? 'limit=2' : `limit=2&cursor=${encodeURIComponent(cursor)}`;
      const page = (await api.call('GET', `/v1/jobs?${query}`)).json as JobList;
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(made);
  });

  it('filters by status', async () => {
    const api = await startApi();
    const drawn = await api.createJob({ seed: 1 });
    await api.createJob({ seed: 2 });
    await drawJob(api, drawn.id);
    const page = (await api.call('GET', '/v1/jobs?status=succeeded')).json as JobList;
    expect(page.data.map(({ id }) => id)).toEqual([drawn.id]);
  });

  it("shows a tenant nobody else's jobs", async () => {
    const api = await startApi({ auth: 'keys' });
    const [acme, rival] = await Promise.all([api.keyOf('ten_acme'), api.keyOf('ten_rival')]);
    await api.createJob({}, acme);
    expect(((await api.call('GET', '/v1/jobs', { headers: rival })).json as JobList).data).toEqual([]);
  });
});
