import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobNotFoundError } from '@atelier/ports';
import { blobStoreConformance } from '@atelier/ports/conformance';
import { FakeClock } from '@atelier/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FilesystemBlobStore } from './filesystem-blob-store.js';

blobStoreConformance('filesystem', { expiry: true }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'atelier-blobs-'));
  const clock = new FakeClock();
  return {
    store: new FilesystemBlobStore({ directory, clock }),
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    reopen: async () => new FilesystemBlobStore({ directory, clock }),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describe('FilesystemBlobStore', () => {
  let directory: string;
  let clock: FakeClock;
  let store: FilesystemBlobStore;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'atelier-blobs-'));
    clock = new FakeClock();
    store = new FilesystemBlobStore({ directory, clock });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const put = (key: string, content: string, expiresInMs?: number) =>
    store.put(key, Buffer.from(content), {
      contentType: 'text/plain',
      ...(expiresInMs === undefined ? {} : { expiresAt: clock.now() + expiresInMs }),
    });
  const files = async () =>
    (await readdir(directory, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());

  const keys = async () => {
    const found: string[] = [];
    for await (const key of store.list('')) found.push(key);
    return found;
  };

  it('reads an object that was cut, overwritten or flipped by a bit as absent, and takes it anew', async () => {
    const path = join(directory, 'a', '@x.png');
    const damages = [
      async () => truncate(path, 5),
      async () => truncate(path, 0),
      async () => writeFile(path, 'something else'),
      async () => writeFile(path, (await readFile(path)).fill(0x40, 0, 1)),
    ];
    for (const damage of damages) {
      await put('a/x.png', 'the picture');
      await damage();
      await expect(store.get('a/x.png')).rejects.toThrow(BlobNotFoundError);
      await store.delete('a/x.png');
      await put('a/x.png', 'the picture');
      expect(Buffer.from(await store.get('a/x.png')).toString()).toBe('the picture');
      await store.delete('a/x.png');
    }
  });

  it('replaces a torn object by the next writer', async () => {
    await put('a/x', 'torn');
    await truncate(join(directory, 'a', '@x'), 2);
    await put('a/x', 'whole');
    expect(Buffer.from(await store.get('a/x')).toString()).toBe('whole');
  });

  it('leaves no trace of a write that was refused', async () => {
    await put('a/x', 'first');
    const before = await files();
    await expect(put('a/x', 'second', 60_000)).rejects.toThrow('other content');
    expect(await files()).toEqual(before);
  });

  it('leaves no file and no empty directory behind deleted objects', async () => {
    await put('ten_a/gen_1/denoising/x', 'x', 60_000);
    await put('ten_a/gen_2/denoising/x', 'x');
    await store.delete('ten_a/gen_1/denoising/x');
    expect(await readdir(join(directory, 'ten_a'))).toEqual(['gen_2']);
    await store.delete('ten_a/gen_2/denoising/x');
    expect(await files()).toEqual([]);
    expect((await readdir(directory)).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it('sweeps what has expired, keeps what has not, and frees the space', async () => {
    await put('a/minute', 'x', 60_000);
    await put('a/half-hour', 'x', 30 * 60_000);
    await put('a/day', 'x', 24 * 3_600_000);
    await put('a/forever', 'x');
    expect(await store.sweep()).toBe(0);
    await clock.advance(60_000);
    expect(await store.sweep()).toBe(1);
    await clock.advance(2 * 3_600_000);
    expect(await store.sweep()).toBe(1);
    expect(await keys()).toEqual(['a/day', 'a/forever']);
    await clock.advance(48 * 3_600_000);
    expect(await store.sweep()).toBe(1);
    expect((await files()).map(({ name }) => name)).toEqual(['@forever']);
  });

  it('does not sweep an object that took the key of an expired one', async () => {
    await put('a/x', 'old', 1_000);
    await clock.advance(1_000);
    await put('a/x', 'new', 10_000);
    expect(await store.sweep()).toBe(0);
    expect(Buffer.from(await store.get('a/x')).toString()).toBe('new');
    await clock.advance(10_000);
    expect(await store.sweep()).toBe(1);
    expect(await files()).toEqual([]);
  });

  it('sweeps the remains of a dead write, and not a write under way', async () => {
    await put('a/x', 'x');
    const remains = join(directory, '.writing', 'remains');
    const underWay = join(directory, '.writing', 'under-way');
    for (const path of [remains, underWay]) await writeFile(path, 'half');
    await utimes(remains, 0, (clock.now() - 3_600_001) / 1_000);
    await utimes(underWay, 0, (clock.now() - 1_000) / 1_000);
    await store.sweep();
    expect(await readdir(join(directory, '.writing'))).toEqual(['under-way']);
  });

  it('survives writers and deleters of one directory at once', async () => {
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        await put(`deep/er/${n}`, String(n));
        await store.delete(`deep/er/${n}`);
      }),
    );
    expect(await keys()).toEqual([]);
  });
});
