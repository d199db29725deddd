import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { storedPicture } from '../../harness/stored-picture.js';

describe('GET /v1/images/content/{key} -> 403', () => {
  it.each([
    ['another picture under the same signature', (link: string) => link.replace('image.png', 'other.png')],
    ['a later expiry', (link: string) => link.replace(/expires=\d+/, 'expires=9999999999')],
    ['an expiry in the past', (link: string) => link.replace(/expires=\d+/, 'expires=1000000000')],
    ['a way out of the store', (link: string) => link.replace(/content\/[^?]+/, 'content/..%2F..%2Flink-secret')],
  ])('refuses %s', async (_name, forge) => {
    const api = await startApi();
    const { link } = await storedPicture(api);
    const answer = await api.call('GET', forge(link));
    expect(answer.status).toBe(403);
    expect(errorOf(answer).code).toBe('link_expired');
  });
});
