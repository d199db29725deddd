import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';

describe('unknown paths -> 404', () => {
  it.each(['/v1', '/v1/imagesx', '/v2/jobs', '/%2e%2e/etc/passwd', '/v1/jobs/a/b/c', '/v1/jobs/%zz', '/.env'])(
    '%s is no resource',
    async (path) => {
      const api = await startApi();
      const answer = await api.call('GET', path);
      expect(answer.status).toBe(404);
      expect(errorOf(answer)).toMatchObject({ type: 'not_found_error' });
    },
  );
});
