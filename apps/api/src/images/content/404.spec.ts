import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 404', () => {
  it('says that a picture is gone when its link is still good', async () => {
    const api = await startApi();
    const { link } = await storedPicture(api);
    await api.blobs.delete(decodeURIComponent(new URL(link).pathname.replace('/v1/images/content/', '')));
    const answer = await api.call('GET', link);
    expect(answer.status).toBe(404);
    expect(errorOf(answer).code).toBe('image_not_found');
  });
});
