import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';

describe('known paths under another method -> 405', () => {
  it.each([
    ['GET', '/v1/images/generations', 'POST'],
    ['DELETE', '/v1/jobs/gen_00000000000000000000000001', 'GET'],
    ['PUT', '/v1/jobs', 'POST, GET'],
    ['PATCH', '/v1/models', 'GET'],
    ['GET', '/v1/jobs/gen_00000000000000000000000001/cancel', 'POST'],
    ['POST', '/healthz', 'GET'],
  ])('%s %s names the methods there are', async (method, path, allowed) => {
    const api = await startApi();
    const answer = await api.call(method, path);
    expect(answer.status).toBe(405);
    expect(errorOf(answer).code).toBe('method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allowed);
  });
});
