import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /readyz -> 503', () => {
  it('says what the service waits for, while /healthz answers', async () => {
    const api = await startApi({ notReadyBecause: () => 'the first picture is being drawn' });
    const answer = await api.call('GET', '/readyz');
    expect(answer.status).toBe(503);
    expect(errorOf(answer)).toMatchObject({ code: 'not_ready', retryable: true });
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });
});
