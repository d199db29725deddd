// Real: an S3 server on loopback, a bucket of its own in it.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobConflictError, BlobNotFoundError, BlobStoreUnavailableError } from '@atelier/ports';
import { blobStoreConformance } from '@atelier/ports/conformance';
import { FakeClock } from '@atelier/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startS3 } from '../../../../tools/stack/s3.mjs';
import { S3BlobStore, type S3BlobStoreOptions } from './s3-blob-store.js';

type Server = Pick<Awaited<ReturnType<typeof startS3>>, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>;

const openStore = async (
  { endpoint, region, ...credentials }: Server,
  options: Partial<S3BlobStoreOptions> = {},
): Promise<S3BlobStore> => {
  const { accessKeyId, secretAccessKey } = credentials;
  const store = new S3BlobStore({
    ...{ endpoint, region, credentials: { accessKeyId, secretAccessKey } },
    bucket: `spec-${randomBytes(6).toString('hex')}`,
    clock: new FakeClock(),
    ...options,
  });
  await store.ensureBucket();
  return store;
};

blobStoreConformance('S3', { expiry: true }, async () => {
  const clock = new FakeClock();
  const bucket = `spec-${randomBytes(6).toString('hex')}`;
  const store = await openStore(inject('s3'), { clock, bucket });
  return {
    store,
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    reopen: () => openStore(inject('s3'), { clock, bucket }),
    dispose: async () => store.close(),
  };
});

describe('S3BlobStore', () => {
  let clock: FakeClock;
  let store: S3BlobStore;
  beforeEach(async () => {
    clock = new FakeClock(Date.now());
    store = await openStore(inject('s3'), { clock });
  });
  const put = (key: string, content: string, expiresInMs?: number) =>
    store.put(key, Buffer.from(content), {
      contentType: 'text/plain',
      ...(expiresInMs === undefined ? {} : { expiresAt: clock.now() + expiresInMs }),
    });
  const keys = async () => {
    const found: string[] = [];
    for await (const key of store.list('')) found.push(key);
    return found;
  };

  it('lets exactly one of many writers take the key of an expired object', async () => {
    await put('a/x', 'old', 1_000);
    await clock.advance(1_000);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => put('a/x', `writer ${n}`, 60_000)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BlobConflictError);
    }
  });

  it('sweeps what has expired and keeps what has not', async () => {
    await put('a/minute', 'x', 60_000);
    await put('a/day', 'x', 86_400_000);
    await put('a/forever', 'x');
    expect(await store.sweep()).toBe(0);
    await clock.advance(60_000);
    expect(await store.sweep()).toBe(1);
    expect(await keys()).toEqual(['a/day', 'a/forever']);
    await put('a/minute', 'again', 60_000);
    expect(await store.sweep()).toBe(0);
    await clock.advance(86_400_000);
    expect(await store.sweep()).toBe(2);
    expect(await keys()).toEqual(['a/forever']);
  });

  it('lists more keys than one answer of the server holds', async () => {
    const wanted = Array.from({ length: 1_100 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
    for (let n = 0; n < wanted.length; n += 20) await Promise.all(wanted.slice(n, n + 20).map((key) => put(key, 'x')));
    expect(await keys()).toEqual(wanted);
  }, 60_000);

  it('signs an address that anybody can read, with the right content type, and that nobody can change', async () => {
    await put('a/x.txt', 'public for a while');
    const url = await store.signedUrl('a/x.txt', 60_000);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(await answer.text()).toBe('public for a while');
    await put('a/y.txt', 'private');
    for (const changed of [url.replace('x.txt', 'y.txt'), url.replace(/(Signature=.{8})./, '$1z'), url.split('?')[0]]) {
      expect((await fetch(changed ?? '')).status).toBe(403);
    }
    await expect(store.signedUrl('a/none', 60_000)).rejects.toThrow(BlobNotFoundError);
  });

  it('signs no address beyond the life of its object', async () => {
    await put('a/x', 'x', 5_000);
    expect(new URL(await store.signedUrl('a/x', 3_600_000)).searchParams.get('X-Amz-Expires')).toBe('5');
    await clock.advance(5_000);
    await expect(store.signedUrl('a/x', 3_600_000)).rejects.toThrow(BlobNotFoundError);
  });

  it('is refused with a wrong secret, and does not take that for a passing failure', async () => {
    const { endpoint, region, accessKeyId } = inject('s3');
    const intruder = new S3BlobStore({
      ...{ endpoint, region, bucket: 'spec-any', clock },
      credentials: { accessKeyId, secretAccessKey: 'wrong' },
    });
    await expect(intruder.get('a/x')).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(intruder.put('a/x', Buffer.from('x'), { contentType: 'text/plain' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });
});

describe('S3BlobStore and a server that fails', { timeout: 60_000 }, () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startS3>>;
  let store: S3BlobStore;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-s3-'));
    server = await startS3({ dataDir: folder });
    store = await openStore(server, { bucket: 'atelier', maxAttempts: 2, requestTimeoutMs: 2_000 });
  }, 60_000);
  afterAll(async () => {
    store.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const plain = { contentType: 'text/plain' };

  it('has every acknowledged object whole after the server was killed in the middle of writes', async () => {
    const content = (n: number) => Buffer.alloc(200_000, n);
    const writes = Array.from({ length: 24 }, (_, n) => store.put(`a/${n}`, content(n), plain));
    await Promise.any(writes);
    await server.kill();
    const outcomes = await Promise.allSettled(writes);
    await expect(store.get('a/0')).rejects.toThrow(BlobStoreUnavailableError);
    await server.restart();
    let acknowledged = 0;
    for (const [n, { status }] of outcomes.entries()) {
      const found = await store.get(`a/${n}`).catch((error: unknown) => error);
      // Stored without our hearing of it, or not at all; but never in part.
      if (found instanceof Uint8Array) expect(Buffer.compare(found, content(n))).toBe(0);
      else expect([status, (found as Error).name]).toEqual(['rejected', 'BlobNotFoundError']);
      if (status === 'fulfilled') acknowledged += 1;
    }
    expect(acknowledged).toBeGreaterThan(0);
    for (const n of outcomes.keys()) await store.put(`a/${n}`, content(n), plain);
  });

  it('gives up on a frozen server within its tries, and goes on when it answers again', async () => {
    await store.put('b/x', Buffer.from('x'), plain);
    server.freeze();
    try {
      await expect(store.get('b/x')).rejects.toThrow(BlobStoreUnavailableError);
    } finally {
      server.thaw();
    }
    expect(Buffer.from(await store.get('b/x')).toString()).toBe('x');
  });

  it('reads an object whose bytes were changed behind its back as absent', async () => {
    await store.put('c/x', Buffer.from('the picture'), plain);
    const stored = path.join(folder, 'objects', 'atelier', 'c');
    const [file] = readdirSync(stored);
    writeFileSync(path.join(stored, file ?? ''), 'THE picture', { flag: 'r+' });
    await expect(store.get('c/x')).rejects.toThrow(BlobNotFoundError);
  });
});
