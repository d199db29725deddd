import { BlobStoreUnavailableError, StoreUnavailableError } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';
import { storedPicture } from '../harness/stored-picture.js';

describe('a store that cannot be reached -> 503', () => {
  it('is said by its own code, with when to try again and without its cause', async () => {
    const api = await startApi();
    api.store.list = async () => {
      throw new StoreUnavailableError('connection refused by 10.0.0.7');
    };
    const answer = await api.call('GET', '/v1/jobs');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(errorOf(answer)).toMatchObject({ code: 'store_unavailable', retryable: true });
    expect(JSON.stringify(answer.json)).not.toContain('10.0.0.7');
  });

  it('tells the store of pictures from the database', async () => {
    const api = await startApi();
    const { link } = await storedPicture(api);
    api.blobs.head = async () => {
      throw new BlobStoreUnavailableError('no route to host');
    };
    const answer = await api.call('GET', link);
    expect(answer.status).toBe(503);
    expect(errorOf(answer)).toMatchObject({ code: 'blob_store_unavailable', retryable: true });
  });
});
