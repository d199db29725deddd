import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('GET /v1/models/{id} -> 404', () => {
  it('does not know other names', async () => {
    const api = await startApi();
    const answer = await api.call('GET', '/v1/models/nothing');
    expect(answer.status).toBe(404);
    expect(errorOf(answer).code).toBe('model_not_found');
  });
});
