import type { Job, JobList } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { NO_FILTER, SCAN_LIMIT, searchJobs } from './job-search.js';

/** An API over `count` jobs: each hundredth shows a whale, each tenth has failed. */
function api(count: number) {
  const jobs = Array.from({ length: count }, (_, index) => ({
    id: `gen_${index}`,
    prompt: index % 100 === 99 ? 'a blue Whale' : 'a red apple',
    model: 'tiny',
    task: 'text-to-image',
    status: index % 10 === 9 ? 'failed' : 'succeeded',
    error: index % 10 === 9 ? { code: 'worker_lost', message: 'The workers were lost.' } : null,
  })) as unknown as Job[];
  const calls: number[] = [];
  const fetchPage = async (query: { limit: number; cursor?: string; status?: string }): Promise<JobList> => {
    calls.push(query.limit);
    const all = jobs.filter(({ status }) => query.status === undefined || status === query.status);
    const start = Number(query.cursor ?? 0);
    const end = start + query.limit;
    return { object: 'list', data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
  };
  return { fetchPage, calls };
}

describe('searching jobs', () => {
  it('asks for one page where nothing is filtered, however many jobs there are', async () => {
    const { fetchPage, calls } = api(10_000);
    const { found } = await searchJobs(fetchPage, NO_FILTER, 26, null);
    expect([found.length, calls]).toEqual([26, [26]]);
  });

  it('finds all words in any order and case, also in the cause of a failure', async () => {
    const { fetchPage } = api(2_000);
    const whales = await searchJobs(fetchPage, { status: '', text: 'WHALE blue' }, 5, null);
    expect(whales.found.slice(0, 5).map(({ id }) => id)).toEqual([
      'gen_99',
      'gen_199',
      'gen_299',
      'gen_399',
      'gen_499',
    ]);
    const lost = await searchJobs(fetchPage, { status: 'failed', text: 'worker_lost' }, 3, null);
    expect(lost.found.every(({ status }) => status === 'failed')).toBe(true);
  });

  it('stops after its limit and goes on from there when asked again, missing and repeating nothing', async () => {
    const { fetchPage } = api(10_000);
    let search = await searchJobs(fetchPage, { status: '', text: 'whale' }, 500, null);
    expect(search).toMatchObject({ scanned: SCAN_LIMIT, cursor: String(SCAN_LIMIT) });
    while (search.cursor !== null) search = await searchJobs(fetchPage, { status: '', text: 'whale' }, 500, search);
    expect(search.scanned).toBe(10_000);
    expect(new Set(search.found.map(({ id }) => id)).size).toBe(100);
  });

  it('ends at the oldest job', async () => {
    const { fetchPage, calls } = api(3);
    const all = await searchJobs(fetchPage, NO_FILTER, 26, null);
    expect(all).toMatchObject({ scanned: 3, cursor: null });
    expect(await searchJobs(fetchPage, NO_FILTER, 52, all)).toBe(all);
    expect(calls).toHaveLength(1);
  });
});
