import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 304', () => {
  it('sends nothing again to a caller who has it', async () => {
    const api = await startApi();
    const { link, sha256 } = await storedPicture(api);
    const answer = await api.call('GET', link, { headers: { 'if-none-match': `"${sha256}"` } }).catch((error) => error);
    expect(answer.status).toBe(304);
    expect(answer.bytes).toHaveLength(0);
  });
});
