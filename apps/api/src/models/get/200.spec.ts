import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('GET /v1/models/{id} -> 200', () => {
  it.each(['spec-weights', 'default', 'gpt-image-1'])('shows which model draws for %s', async (id) => {
    const api = await startApi();
    expect((await api.call('GET', `/v1/models/${id}`)).json).toMatchObject({ id: 'spec-weights', object: 'model' });
  });
});
