import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';

describe('other content types -> 415', () => {
  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense'])(
    'refuses %s',
    async (contentType) => {
      const api = await startApi();
      const answer = await api.call('POST', '/v1/jobs', {
        body: 'prompt=dog',
        headers: { 'content-type': contentType },
      });
      expect(answer.status).toBe(415);
      expect(errorOf(answer).code).toBe('unsupported_media_type');
    },
  );

  it('refuses a form where JSON belongs', async () => {
    const api = await startApi();
    const form = new FormData();
    form.set('prompt', 'dog');
    expect((await api.call('POST', '/v1/images/generations', { body: form })).status).toBe(415);
  });
});
