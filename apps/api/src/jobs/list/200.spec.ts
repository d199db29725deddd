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

  it('finds jobs by words of their prompt, each once over all pages, and never those of others', async () => {
    const api = await startApi();
    const ids: string[] = [];
    for (const prompt of ['a red dog', 'a cat', 'a DOG in red', 'a red apple', 'red dogs; a cat']) {
      ids.push((await api.createJob({ prompt })).id);
    }
    const wanted = [ids[0], ids[2], ids[4]].sort();
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { json } = await api.call('GET', `/v1/jobs?limit=2&query=Dog%20red${more}`);
      found.push(...(json as JobList).data.map(({ id }) => id));
      cursor = (json as JobList).next_cursor;
    }
    expect(found.sort()).toEqual(wanted);
    const byId = await api.call('GET', `/v1/jobs?query=${ids[1]}`);
    expect((byId.json as JobList).data.map(({ id }) => id)).toEqual([ids[1]]);
    expect(((await api.call('GET', '/v1/jobs?query=zebra')).json as JobList).data).toEqual([]);
  });
});
