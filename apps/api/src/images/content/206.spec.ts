import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 206', () => {
  it.each([
    ['bytes=0-3', 0, 4],
    ['bytes=4-', 4, undefined],
    ['bytes=-5', -5, undefined],
  ])('gives the range %s', async (range, start, end) => {
    const api = await startApi();
    const { link, bytes } = await storedPicture(api);
    const answer = await api.call('GET', link, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.bytes).toEqual(bytes.slice(start, end));
    expect(answer.headers.get('content-range')).toMatch(new RegExp(`^bytes \\d+-\\d+/${bytes.length}$`));
  });
});
