import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { editForm, pngHeader } from '../../harness/uploads.js';

describe('POST /v1/images/edits -> 413', () => {
  it('refuses a small file that would unfold to more than 64 megapixels', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/edits', { body: editForm({ image: pngHeader(16_000, 4_001) }) });
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toMatchObject({ code: 'image_too_large', param: 'image' });
  });
});
