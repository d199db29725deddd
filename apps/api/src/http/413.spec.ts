import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';

describe('bodies beyond the limit -> 413', () => {
  it('refuses two megabytes of JSON before it parses them', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/jobs', { body: { prompt: 'x'.repeat(2 * 1024 * 1024) } });
    expect(answer.status).toBe(413);
    expect(errorOf(answer).code).toBe('body_too_large');
  });
});
