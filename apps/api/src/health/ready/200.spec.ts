import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';

describe('GET /readyz -> 200', () => {
  it('answers once nothing is waited for', async () => {
    const api = await startApi();
    expect((await api.call('GET', '/readyz')).json).toEqual({ status: 'ready' });
  });
});
