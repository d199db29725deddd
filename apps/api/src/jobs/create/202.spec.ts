import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('POST /v1/jobs -> 202', () => {
  it('answers with the stored job and its address', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/jobs', { body: { prompt: 'a red apple', seed: 7 } });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`${api.url}/v1/jobs/${answer.json.id}`);
    expect(answer.json).toMatchObject({ status: 'queued', prompt: 'a red apple', request: { seed: 7, n: 1 } });
    expect(await api.store.load(answer.json.id)).not.toBeNull();
  });
});
