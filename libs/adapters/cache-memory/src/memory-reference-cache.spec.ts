import { referenceDigest } from '@atelier/ports';
import { referenceCacheConformance } from '@atelier/ports/conformance';
import { FakeClock } from '@atelier/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryReferenceCache } from './memory-reference-cache.js';

/** The stored entry itself, which no caller can reach: the suite damages it. */
const stored = (cache: MemoryReferenceCache, tenantId: string, key: string) => {
  const { entries } = cache as unknown as { entries: Map<string, { digest: string; content: Buffer }> };
  const entry = [...entries.values()].find(({ digest }) => digest === referenceDigest(tenantId, key));
  if (!entry) throw new Error(`no entry ${key}`);
  return entry;
};

referenceCacheConformance('memory', { capacityBytes: 100_000 }, async () => {
  const cache = new MemoryReferenceCache({ capacityBytes: 100_000, clock: new FakeClock() });
  return {
    cache,
    corrupt: async (tenantId, key) => {
      const { content } = stored(cache, tenantId, key);
      content[1_234] = (content[1_234] ?? 0) ^ 0x10;
    },
    truncate: async (tenantId, key) => {
      const entry = stored(cache, tenantId, key);
      entry.content = entry.content.subarray(0, 4_000);
    },
  };
});

describe('MemoryReferenceCache', () => {
  let clock: FakeClock;
  let cache: MemoryReferenceCache;
  beforeEach(() => {
    clock = new FakeClock();
    cache = new MemoryReferenceCache({ capacityBytes: 1_000, clock, maxAgeMs: 60_000 });
  });
  const put = (key: string, bytes: number, recomputeMs: number) =>
    cache.put('ten_a', key, new Uint8Array(bytes), { recomputeMs });
  const has = async (key: string) => (await cache.get('ten_a', key)) !== null;

  it('gives up the least recently used of equal entries', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await put(key, 250, 100);
    await put('e', 250, 100);
    await has('c');
    await put('f', 250, 100);
    await put('g', 250, 100);
    expect([await has('a'), await has('b'), await has('c'), await has('d')]).toEqual([false, false, true, false]);
  });

  it('keeps an entry that is dear to recompute and gives up cheap ones of its size', async () => {
    await put('dear', 500, 10_000);
    await put('cheap', 500, 10);
    await put('next', 500, 100);
    expect(await has('dear')).toBe(true);
    expect(await has('cheap')).toBe(false);
  });

  it('declines a newcomer that is worth less than all it would displace', async () => {
    await put('dear', 1_000, 10_000);
    expect(await put('cheap', 500, 10)).toEqual({ stored: false, reason: 'not-worth-it' });
    expect(await has('dear')).toBe(true);
  });

  it('lets a dear entry that nobody uses go in the end', async () => {
    await put('dear', 500, 1_000);
    for (let n = 0; n < 50; n += 1) await put(`busy-${n}`, 500, 100);
    expect(await has('dear')).toBe(false);
  });

  it('forgets an entry at its greatest age, whatever its use', async () => {
    await put('a', 100, 100);
    await clock.advance(59_999);
    expect(await has('a')).toBe(true);
    await clock.advance(1);
    expect(await has('a')).toBe(false);
    expect(cache.statistics()).toEqual({ entries: 0, bytes: 0, hits: 1, misses: 1, evictions: 0 });
  });
});
