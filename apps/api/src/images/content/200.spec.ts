import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 200', () => {
  it('gives the bytes under their hash, for ever', async () => {
    const api = await startApi();
    const { link, bytes, sha256 } = await storedPicture(api);
    const answer = await api.call('GET', link);
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(bytes);
    expect(answer.headers.get('etag')).toBe(`"${sha256}"`);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toMatch(/immutable, max-age=\d{4,}/);
  });

  it('answers HEAD without the bytes', async () => {
    const api = await startApi();
    const { link, bytes } = await storedPicture(api);
    const answer = await api.call('HEAD', link);
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
    expect(answer.bytes).toHaveLength(0);
  });
});
