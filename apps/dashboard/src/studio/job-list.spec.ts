import type { Job } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { withJob, withJobs, withStarted } from './job-list.js';

const job = (id: string, created_at: number, status: Job['status'] = 'succeeded') =>
  ({ id, created_at, status }) as Job;
const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id).join('');

describe('the list of jobs', () => {
  it('stays newest first wherever a job comes from', () => {
    const list = withJobs([job('c', 3)], [job('d', 4), job('b', 2), job('a', 1)]);
    expect(ids(list)).toBe('dcba');
    expect(ids(withJob(list, job('e', 5)))).toBe('edcba');
  });

  it('never goes back from an end that it has seen', () => {
    const ended = [job('a', 1, 'canceled')];
    expect(withJob(ended, job('a', 1, 'running'))).toBe(ended);
    expect(withJob([job('a', 1, 'running')], job('a', 1, 'succeeded'))[0]?.status).toBe('succeeded');
  });

  it('marks only a waiting job as started', () => {
    expect(withStarted([job('a', 1, 'queued')], 'a')[0]).toMatchObject({ status: 'running', queue: null });
    const canceled = [job('a', 1, 'canceled')];
    expect(withStarted(canceled, 'a')).toBe(canceled);
  });
});
