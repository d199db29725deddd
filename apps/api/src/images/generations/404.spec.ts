import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

describe('POST /v1/images/generations -> 404', () => {
  it('does not know a model that nobody ever served', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/generations', { body: { prompt: 'dog', model: 'my-model' } });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatchObject({ code: 'model_not_found', param: 'model', type: 'not_found_error' });
  });

  it('does not substitute a foreign model for a strict caller', async () => {
    const api = await startApi();
    const body = { prompt: 'dog', model: 'dall-e-3', strict: true };
    const answer = await api.call('POST', '/v1/images/generations', { body });
    expect(errorOf(answer).code).toBe('model_not_found');
  });
});
