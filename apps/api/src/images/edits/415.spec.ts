import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/edits -> 415', () => {
  it('takes forms and JSON only', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/edits', {
      body: 'make it red',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.status).toBe(415);
    expect(errorOf(answer).code).toBe('unsupported_media_type');
  });
});
