import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 416', () => {
  it('refuses a range behind the end and says how long the picture is', async () => {
    const api = await startApi();
    const { link, bytes } = await storedPicture(api);
    const answer = await api.call('GET', link, { headers: { range: 'bytes=999999-' } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
  });
});
