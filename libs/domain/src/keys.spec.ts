import { describe, expect, it } from 'vitest';
import { blobPrefix, executionLeaseMs, orderLeaseMs, referenceCacheKey } from './index.js';

describe('keys', () => {
  it('of results say whose they are, of which run and of which order', () => {
    const run = { tenantId: 'ten_a', generationId: 'gen_1', stage: 'decoding', runId: 'run_2', fence: 3 } as const;
    expect(blobPrefix(run)).toBe('ten_a/gen_1/decoding/run_2-3');
  });

  it('of cached references differ in everything that their content depends on', () => {
    const base = {
      imageSha256: 'a',
      size: { widthPx: 64, heightPx: 64 },
      engineFingerprint: 'f',
    };
    const keys = [
      base,
      { ...base, imageSha256: 'b' },
      { ...base, size: { widthPx: 64, heightPx: 128 } },
      { ...base, engineFingerprint: 'g' },
    ].map(referenceCacheKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('leases', () => {
  it('are at least 15 s, and give slow work five times its predicted silence', () => {
    const run = { stage: 'decoding', predictedMs: 100, steps: null } as const;
    expect(executionLeaseMs(run)).toBe(15_000);
    expect(executionLeaseMs({ ...run, predictedMs: 60_000 })).toBe(300_000);
    expect(executionLeaseMs({ stage: 'denoising', predictedMs: 80_000, steps: 8 })).toBe(50_000);
  });

  it('of an order also cover the run before it on the same worker', () => {
    const run = { stage: 'denoising', predictedMs: 80_000, steps: 8 } as const;
    expect(orderLeaseMs(run)).toBeGreaterThan(80_000 + executionLeaseMs(run));
  });
});
