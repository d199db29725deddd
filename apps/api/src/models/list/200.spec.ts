import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('GET /v1/models -> 200', () => {
  it('says what may be asked for', async () => {
    const api = await startApi();
    const { json } = await api.call('GET', '/v1/models');
    expect(json).toMatchObject({
      object: 'list',
      data: [
        { id: 'spec-weights', sizes: ['64x64', '128x128'], default_size: '64x64', vocabulary: { colours: ['red'] } },
      ],
    });
  });
});
