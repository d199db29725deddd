import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReferenceCache, referenceDigest } from './reference-cache.port.js';

export interface ReferenceCacheFeatures {
  /** Bytes the harness's cache can hold; the suite fills it more than once. */
  readonly capacityBytes: number;
}

export interface ReferenceCacheHarness {
  readonly cache: ReferenceCache;
  /** Flips one bit of the stored bytes of an entry, as a bad memory or a broken peer does. */
  corrupt(tenantId: string, key: string): Promise<void>;
  /** Cuts the stored bytes of an entry. */
  truncate(tenantId: string, key: string): Promise<void>;
  dispose?(): Promise<void>;
}

/** The suite of the reference-cache port. */
export function referenceCacheConformance(
  adapter: string,
  features: ReferenceCacheFeatures,
  createHarness: () => Promise<ReferenceCacheHarness>,
): void {
  describe(`reference cache: ${adapter}`, () => {
    let harness: ReferenceCacheHarness;
    let cache: ReferenceCache;
    beforeEach(async () => {
      harness = await createHarness();
      cache = harness.cache;
    });
    afterEach(async () => harness.dispose?.());

    const dear = { recomputeMs: 10_000 };
    const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

    it('returns the bytes that were put', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 251);
      expect(await cache.put('ten_a', 'k', bytes, dear)).toEqual({ stored: true });
      expect(Buffer.compare((await cache.get('ten_a', 'k')) ?? filled(0, 0), bytes)).toBe(0);
    });

    it('answers null for a key it does not hold', async () => {
      expect(await cache.get('ten_a', 'none')).toBeNull();
    });

    it('never shows an entry to another tenant, even one whose name and key read the same together', async () => {
      await cache.put('ten_a', 'b\nk', filled(100, 1), dear);
      await cache.put('ten_a', 'k', filled(100, 2), dear);
      for (const [tenant, key] of [
        ['ten_b', 'k'],
        ['ten_a\nb', 'k'],
        ['ten_', 'ak'],
      ] as const) {
        expect(await cache.get(tenant, key)).toBeNull();
      }
      expect((await cache.get('ten_a', 'k'))?.[0]).toBe(2);
    });

    it('replaces an entry by a later one of the same key', async () => {
      await cache.put('ten_a', 'k', filled(100, 1), dear);
      await cache.put('ten_a', 'k', filled(200, 2), dear);
      expect(await cache.get('ten_a', 'k')).toEqual(filled(200, 2));
    });

    it('is not changed by what callers do to their bytes', async () => {
      const given = filled(100, 1);
      await cache.put('ten_a', 'k', given, dear);
      given.fill(9);
      (await cache.get('ten_a', 'k'))?.fill(8);
      expect(await cache.get('ten_a', 'k')).toEqual(filled(100, 1));
    });

    it('reads a corrupt entry as absent', async () => {
      await cache.put('ten_a', 'k', filled(5_000, 1), dear);
      await harness.corrupt('ten_a', 'k');
      expect(await cache.get('ten_a', 'k')).toBeNull();
    });

    it('reads a cut entry as absent', async () => {
      await cache.put('ten_a', 'k', filled(5_000, 1), dear);
      await harness.truncate('ten_a', 'k');
      expect(await cache.get('ten_a', 'k')).toBeNull();
    });

    it('declines what can never fit, and keeps what it has', async () => {
      await cache.put('ten_a', 'small', filled(100, 1), dear);
      const outcome = await cache.put('ten_a', 'huge', filled(features.capacityBytes + 1, 1), dear);
      expect(outcome).toEqual({ stored: false, reason: 'too-large' });
      expect(await cache.get('ten_a', 'huge')).toBeNull();
      expect(await cache.get('ten_a', 'small')).not.toBeNull();
    });

    it('declines what is recomputed sooner than it is fetched', async () => {
      const outcome = await cache.put('ten_a', 'cheap', filled(1_000, 1), { recomputeMs: 0 });
      expect(outcome).toEqual({ stored: false, reason: 'not-worth-it' });
    });

    it('stays within its bytes whatever is put, and each answer is right or null', async () => {
      const entryBytes = Math.ceil(features.capacityBytes / 10);
      for (let n = 0; n < 40; n += 1) await cache.put('ten_a', `k${n}`, filled(entryBytes, n), dear);
      let held = 0;
      for (let n = 0; n < 40; n += 1) {
        const bytes = await cache.get('ten_a', `k${n}`);
        if (!bytes) continue;
        held += bytes.length;
        expect(bytes).toEqual(filled(entryBytes, n));
      }
      expect(held).toBeGreaterThan(0);
      expect(held).toBeLessThanOrEqual(features.capacityBytes);
    });

    it('names the entries it holds by digest, newest first, at most `limit`', async () => {
      for (const key of ['a', 'b', 'c']) await cache.put('ten_a', key, filled(100, 1), dear);
      expect(cache.digests(2)).toEqual([referenceDigest('ten_a', 'c'), referenceDigest('ten_a', 'b')]);
      expect(cache.digests(10)).toHaveLength(3);
    });
  });
}
