import { describe, expect, it, vi } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { failJob } from '../../harness/drawn-job.js';

describe('POST /v1/images/generations -> 500', () => {
  it('passes on why the job failed, without what is for operators', async () => {
    const api = await startApi();
    const waiting = api.call('POST', '/v1/images/generations', { body: { prompt: 'a dog' } });
    const id = await vi.waitFor(async () => {
      const [found] = (await api.store.list('ten_default', { limit: 1 })).generations;
      if (!found) throw new Error('no job yet');
      return found.generation.id;
    });
    const message = 'The picture does not fit into the memory of the worker.';
    await failJob(api, id, {
      class: 'out-of-memory',
      code: 'out_of_memory',
      message,
      detail: 'ort: bad alloc at 0x7f',
    });
    const answer = await waiting;
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toMatchObject({ code: 'out_of_memory', message, job: id, retryable: true });
    expect(JSON.stringify(answer.json)).not.toContain('0x7f');
  });

  it('says nothing about a cause that nobody foresaw, and reports it to the operator', async () => {
    const api = await startApi();
    api.store.submit = async () => {
      throw new Error('connection to 10.0.0.3 refused');
    };
    const answer = await api.call('POST', '/v1/images/generations', { body: { prompt: 'a dog' } });
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toMatchObject({ code: 'internal_error', message: 'Something went wrong on our side.' });
    expect(api.errors).toHaveLength(1);
  });
});
