import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

const denoiser = (maxPixels: number) => ({
  workerId: 'denoising-1',
  stage: 'denoising' as const,
  inFlight: 0,
  capacity: 2,
  seenAtMs: 0,
  maxPixels,
});

describe('POST /v1/images/generations -> 503', () => {
  it('refuses a size that no live worker can draw, says when to come back, and takes what one can', async () => {
    const api = await startApi({ workers: () => [denoiser(64 * 64)] });
    const post = (size: string) => api.call('POST', '/v1/jobs', { body: { prompt: 'a dog', size } });
    const refused = await post('128x128');
    expect(refused.status).toBe(503);
    expect(errorOf(refused)).toMatchObject({ code: 'no_worker', retryable: true });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post('64x64')).status).toBe(202);
  });
});
