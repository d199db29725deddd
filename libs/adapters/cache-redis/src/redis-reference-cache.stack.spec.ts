// Real: a Redis server on loopback.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReferenceCache } from '@atelier/ports';
import { referenceCacheConformance } from '@atelier/ports/conformance';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { startRedis } from '../../../../tools/stack/redis.mjs';
import { CircuitBreaker } from './circuit-breaker.js';
import { CHUNK_BYTES } from './manifest.js';
import { RedisReferenceCache, type RedisReferenceCacheOptions } from './redis-reference-cache.js';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const newNamespace = () => `spec-${randomBytes(6).toString('hex')}`;
const dear = { recomputeMs: 60_000 };
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

const openCache = async (url: string, options: Partial<RedisReferenceCacheOptions> = {}) => {
  const cache = new RedisReferenceCache({ url, clock, capacityBytes: 20_000_000, ...options });
  expect(await cache.connected()).toBe(true);
  return cache;
};

referenceCacheConformance('Redis', { capacityBytes: 100_000 }, async () => {
  const { url } = inject('redis');
  const namespace = newNamespace();
  const cache = await openCache(url, { capacityBytes: 100_000, namespace });
  const redis = new Redis(url);
  const firstChunk = async () => {
    const [name] = await redis.keys(`{${namespace}:reference}:*:0`);
    if (name === undefined) throw new Error('no chunk is stored');
    return { name, content: await redis.getBuffer(name) };
  };
  return {
    cache,
    corrupt: async () => {
      const { name, content } = await firstChunk();
      if (content) content[1_234] = (content[1_234] ?? 0) ^ 0x10;
      await redis.set(name, content ?? '');
    },
    truncate: async () => {
      const { name, content } = await firstChunk();
      await redis.set(name, content?.subarray(0, 4_000) ?? '');
    },
    dispose: async () => {
      cache.close();
      redis.disconnect();
    },
  };
});

describe('RedisReferenceCache', () => {
  const { url } = inject('redis');
  let namespace: string;
  let redis: Redis;
  const caches: RedisReferenceCache[] = [];
  const open = async (options: Partial<RedisReferenceCacheOptions> = {}) => {
    const cache = await openCache(url, { namespace, ...options });
    caches.push(cache);
    return cache;
  };
  const keys = () => redis.keys(`{${namespace}:reference}:*`);
  beforeEach(() => {
    namespace = newNamespace();
    redis = new Redis(url);
  });
  afterEach(async () => {
    for (const cache of caches.splice(0)) cache.close();
    redis.disconnect();
  });

  it('gives one process what another has stored, over several chunks', async () => {
    const bytes = Uint8Array.from({ length: 2 * CHUNK_BYTES + 77 }, (_, n) => (n * 7 + (n >> 9)) % 256);
    const [writer, reader] = [await open(), await open()];
    expect(await writer.put('ten_a', 'k', bytes, dear)).toEqual({ stored: true });
    expect(Buffer.compare((await reader.get('ten_a', 'k')) ?? filled(0, 0), bytes)).toBe(0);
    expect(reader.statistics()).toMatchObject({ hits: 1, misses: 0, readBytes: bytes.length });
  });

  it('reads an entry whose manifest or any chunk is gone as absent, and frees what is left of it', async () => {
    const cache = await open();
    for (const pattern of [/:1$/, /\/[0-9a-f]+$/]) {
      await cache.put('ten_a', 'k', filled(CHUNK_BYTES * 2, 1), dear);
      const victim = (await keys()).find((name) => pattern.test(name));
      await redis.del(victim ?? 'none');
      expect(await cache.get('ten_a', 'k')).toBeNull();
    }
    await cache.put('ten_a', 'k', filled(10, 1), dear);
    const chunks = (await keys()).filter((name) => /:\d+$/.test(name));
    expect(chunks).toHaveLength(1);
  });

  it('bounds the bytes of all processes together and drops what was used longest ago', async () => {
    const [one, other] = [await open({ capacityBytes: 1_000 }), await open({ capacityBytes: 1_000 })];
    const used = `{${namespace}:reference}:used`;
    await one.put('ten_a', 'a', filled(400, 1), dear);
    const [a] = await redis.zrange(used, '0', '0');
    await other.put('ten_a', 'b', filled(400, 2), dear);
    // Uses are told apart by the millisecond: both entries may have been put in the same one.
    await vi.waitFor(async () => {
      await one.get('ten_a', 'a');
      const [, olderScore, newest, newestScore] = await redis.zrange(used, '0', '-1', 'WITHSCORES');
      expect(newest).toBe(a);
      expect(Number(newestScore)).toBeGreaterThan(Number(olderScore));
    });
    await other.put('ten_a', 'c', filled(400, 3), dear);
    expect(Number(await redis.get(`{${namespace}:reference}:total`))).toBe(800);
    const held = await Promise.all(['a', 'b', 'c'].map((key) => one.get('ten_a', key)));
    expect(held.map((bytes) => bytes !== null)).toEqual([true, false, true]);
  });

  it('lets every key run out', async () => {
    const cache = await open({ maxAgeMs: 300_000 });
    await cache.put('ten_a', 'k', filled(10, 1), dear);
    const named = (await keys()).filter((name) => name.includes('/'));
    expect(named).toHaveLength(2);
    for (const name of named) expect(await redis.pttl(name)).toBeGreaterThan(0);
  });

  it('asks Redis once for an entry that many want at the same time, and gives each bytes of its own', async () => {
    const cache = await open();
    await cache.put('ten_a', 'k', filled(1_000, 1), dear);
    const answers = await Promise.all(Array.from({ length: 20 }, () => cache.get('ten_a', 'k')));
    answers[0]?.fill(9);
    expect(answers[1]).toEqual(filled(1_000, 1));
    expect(cache.statistics().hits).toBe(1);
  });

  it('answers from the near cache without Redis, and fills it from Redis', async () => {
    const held = new Map<string, Uint8Array>();
    const near: ReferenceCache = {
      get: async (tenantId, key) => held.get(`${tenantId} ${key}`) ?? null,
      put: async (tenantId, key, bytes) => {
        held.set(`${tenantId} ${key}`, bytes);
        return { stored: true };
      },
      digests: () => ['near'],
    };
    await (await open()).put('ten_a', 'k', filled(10, 1), dear);
    const cache = await open({ near });
    await cache.get('ten_a', 'k');
    expect(held.get('ten_a k')).toEqual(filled(10, 1));
    await cache.get('ten_a', 'k');
    expect(cache.statistics()).toMatchObject({ hits: 1, nearHits: 1 });
    expect(cache.digests(5)).toEqual(['near']);
  });

  it('measures transfers and then declines what is recomputed sooner than it is fetched', async () => {
    const cache = await open({ breakEven: { latencyMs: 500, bytesPerMs: 100_000 } });
    expect(await cache.put('ten_a', 'k', filled(1_000, 1), { recomputeMs: 400 })).toMatchObject({ stored: false });
    // The assumed half second is put right by what round trips really take.
    for (let n = 0; n < 40; n += 1) await cache.get('ten_a', 'none');
    const { breakEven } = cache.statistics();
    expect(breakEven.latencyMs).toBeLessThan(200);
    expect(await cache.put('ten_a', 'k', filled(1_000, 1), { recomputeMs: 400 })).toEqual({ stored: true });
    expect(await cache.put('ten_a', 'k', filled(1_000, 1), { recomputeMs: 0 })).toMatchObject({ stored: false });
  });
});

describe('RedisReferenceCache without a sound Redis', { timeout: 60_000 }, () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startRedis>>;
  let cache: RedisReferenceCache;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-redis-'));
    chmodSync(folder, 0o755);
    server = await startRedis({ dataDir: folder, maxMemoryMb: 24 });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    await server.restart();
    const breaker = new CircuitBreaker({ clock, failuresToOpen: 3, firstPauseMs: 50, longestPauseMs: 100 });
    cache = await openCache(server.url, { commandTimeoutMs: 1_000, breaker, capacityBytes: 100_000_000 });
  });
  afterEach(() => cache.close());

  it('misses while Redis is dead, fails no call, opens the circuit, and stores again once Redis is back', async () => {
    await cache.put('ten_a', 'k', filled(3_000_000, 1), dear);
    const [read] = await Promise.all([cache.get('ten_a', 'k'), server.kill()]);
    expect(read === null || read.length === 3_000_000).toBe(true);
    for (let n = 0; n < 5; n += 1) {
      expect(await cache.get('ten_a', 'k')).toBeNull();
      expect(await cache.put('ten_a', 'k', filled(10, 1), dear)).toEqual({ stored: false, reason: 'unavailable' });
    }
    expect(cache.statistics().circuit).not.toBe('closed');
    await server.restart();
    await vi.waitFor(async () => expect(await cache.put('ten_a', 'k', filled(10, 2), dear)).toEqual({ stored: true }), {
      timeout: 20_000,
      interval: 50,
    });
    expect(await cache.get('ten_a', 'k')).toEqual(filled(10, 2));
    expect(cache.statistics().circuit).toBe('closed');
  });

  it('waits for a frozen Redis a few times only, and then answers at once', async () => {
    server.freeze();
    try {
      for (let n = 0; n < 3; n += 1) expect(await cache.get('ten_a', 'k')).toBeNull();
      expect(cache.statistics().circuit).toBe('open');
      const before = performance.now();
      expect(await cache.get('ten_a', 'k')).toBeNull();
      // Well below the second that a command may take.
      expect(performance.now() - before).toBeLessThan(500);
    } finally {
      server.thaw();
    }
  });

  it('declines what a full Redis does not take, and goes on reading what it holds', async () => {
    await cache.put('ten_a', 'small', filled(1_000, 1), dear);
    const outcome = await cache.put('ten_a', 'huge', filled(40_000_000, 2), dear);
    expect(outcome).toEqual({ stored: false, reason: 'unavailable' });
    expect(await cache.get('ten_a', 'huge')).toBeNull();
    expect(await cache.get('ten_a', 'small')).toEqual(filled(1_000, 1));
    expect(cache.statistics().circuit).toBe('closed');
    const redis = new Redis(server.url);
    await vi.waitFor(async () => expect((await redis.keys('*:*:0')).length).toBe(1), { timeout: 5_000 });
    redis.disconnect();
  });

  it('makes room in a Redis whose memory ends before the bound of the cache', async () => {
    for (let n = 0; n < 12; n += 1) {
      expect(await cache.put('ten_a', `k${n}`, filled(3_000_000, n), dear)).toEqual({ stored: true });
    }
    expect((await cache.get('ten_a', 'k11'))?.[0]).toBe(11);
    expect(await cache.get('ten_a', 'k0')).toBeNull();
  });
});
