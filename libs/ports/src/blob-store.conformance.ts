import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobConflictError, BlobKeyError, BlobNotFoundError, type BlobStore } from './blob-store.port.js';

export interface BlobStoreFeatures {
  /** Objects can carry `expiresAt`, judged by the harness's clock. */
  readonly expiry: boolean;
}

export interface BlobStoreHarness {
  readonly store: BlobStore;
  /** Epoch milliseconds as the store sees them. */
  now(): number;
  /** Moves the store's clock; needed with the feature `expiry`. */
  advance?(ms: number): Promise<void>;
  /** The same objects through a store opened anew, as after a restart. */
  reopen(): Promise<BlobStore>;
  dispose?(): Promise<void>;
}

/** The suite of the blob-store port. */
export function blobStoreConformance(
  adapter: string,
  features: BlobStoreFeatures,
  createHarness: () => Promise<BlobStoreHarness>,
): void {
  describe(`blob store: ${adapter}`, () => {
    let harness: BlobStoreHarness;
    let store: BlobStore;
    beforeEach(async () => {
      harness = await createHarness();
      store = harness.store;
    });
    afterEach(async () => harness.dispose?.());

    const png = { contentType: 'image/png' };
    const keysUnder = async (prefix: string) => {
      const keys: string[] = [];
      for await (const key of store.list(prefix)) keys.push(key);
      return keys;
    };

    describe('writing and reading', () => {
      it('returns exactly the bytes that were put, of any length', async () => {
        for (const length of [0, 1, 4_095, 4_096, 4_097, 1_000_003]) {
          const bytes = randomBytes(length);
          await store.put(`ten_a/${length}`, bytes, png);
          expect(Buffer.compare(await store.get(`ten_a/${length}`), bytes)).toBe(0);
        }
      });

      it('describes an object by key, length, sha256 and content type', async () => {
        const bytes = randomBytes(1_000);
        const reference = {
          key: 'ten_a/gen_1/denoising/run_1-1-x/latents.safetensors',
          bytes: 1_000,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          contentType: 'application/octet-stream',
        };
        expect(await store.put(reference.key, bytes, { contentType: reference.contentType })).toEqual(reference);
        expect(await store.head(reference.key)).toEqual(reference);
      });

      it('keeps its objects over a restart', async () => {
        const reference = await store.put('ten_a/kept', text('here'), png);
        const reopened = await harness.reopen();
        expect(await reopened.head('ten_a/kept')).toEqual(reference);
        expect(decode(await reopened.get('ten_a/kept'))).toBe('here');
      });

      it('does not keep a reference to the bytes it was given', async () => {
        const bytes = text('original');
        await store.put('ten_a/x', bytes, png);
        bytes.fill(0);
        expect(decode(await store.get('ten_a/x'))).toBe('original');
      });

      it('answers a missing key with BlobNotFoundError, and `head` with null', async () => {
        await expect(store.get('ten_a/none')).rejects.toThrow(BlobNotFoundError);
        expect(await store.head('ten_a/none')).toBeNull();
      });

      it('holds a key beside keys that it is a path of', async () => {
        await store.put('ten_a/x', text('short'), png);
        await store.put('ten_a/x/y', text('long'), png);
        await store.put('ten_a/x.png', text('dotted'), png);
        expect(decode(await store.get('ten_a/x'))).toBe('short');
        expect(decode(await store.get('ten_a/x/y'))).toBe('long');
        expect(decode(await store.get('ten_a/x.png'))).toBe('dotted');
      });
    });

    describe('ranges', () => {
      it('return the bytes from `start` up to, not including, `endExclusive`', async () => {
        await store.put('ten_a/range', text('0123456789'), png);
        const range = async (start: number, endExclusive: number) =>
          decode(await store.get('ten_a/range', { start, endExclusive }));
        expect(await range(0, 4)).toBe('0123');
        expect(await range(3, 7)).toBe('3456');
        expect(await range(9, 10)).toBe('9');
        expect(await range(4, 4)).toBe('');
      });

      it('are clamped to the end of the object and never show what lies behind it', async () => {
        await store.put('ten_a/range', text('0123456789'), png);
        expect(decode(await store.get('ten_a/range', { start: 6, endExclusive: 1_000 }))).toBe('6789');
        expect(decode(await store.get('ten_a/range', { start: 10, endExclusive: 12 }))).toBe('');
      });

      it('that start behind the end, are negative or run backwards are refused', async () => {
        await store.put('ten_a/range', text('0123456789'), png);
        for (const [start, endExclusive] of [
          [11, 12],
          [-1, 2],
          [5, 4],
          [0.5, 2],
        ] as const) {
          await expect(store.get('ten_a/range', { start, endExclusive })).rejects.toThrow(RangeError);
        }
      });
    });

    describe('write-once', () => {
      it('takes the same bytes again without a change', async () => {
        const first = await store.put('ten_a/once', text('same'), png);
        expect(await store.put('ten_a/once', text('same'), png)).toEqual(first);
      });

      it('refuses other bytes and keeps the first ones', async () => {
        await store.put('ten_a/once', text('first'), png);
        await expect(store.put('ten_a/once', text('other'), png)).rejects.toThrow(BlobConflictError);
        expect(decode(await store.get('ten_a/once'))).toBe('first');
      });

      it('lets exactly one of many racing writers win', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 16 }, (_, n) => store.put('ten_a/race', text(`writer ${n}`), png)),
        );
        const winners = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [n] : []));
        expect(winners).toHaveLength(1);
        expect(decode(await store.get('ten_a/race'))).toBe(`writer ${winners[0]}`);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BlobConflictError);
        }
      });

      it('frees a key when its object is deleted', async () => {
        await store.put('ten_a/once', text('first'), png);
        await store.delete('ten_a/once');
        await expect(store.get('ten_a/once')).rejects.toThrow(BlobNotFoundError);
        await store.put('ten_a/once', text('second'), png);
        expect(decode(await store.get('ten_a/once'))).toBe('second');
      });

      it('deletes what is not there without a complaint', async () => {
        await store.delete('ten_a/never');
        await store.delete('ten_a/never');
      });
    });

    describe('keys', () => {
      const unsafe = [
        '',
        '/',
        '/etc/passwd',
        '../x',
        'a/../b',
        'a/..',
        'a/./b',
        'a//b',
        'a/',
        '.',
        '..',
        '.hidden',
      ].concat(['a\\b', 'a b', 'a\u0000b', 'a%2e%2e', 'ä', 'a:b', 'a\nb', 'C:/x', '~', '@a', 'x'.repeat(513)]);

      it.each(unsafe)('refuses %j everywhere', async (key) => {
        await expect(store.put(key, text('x'), png)).rejects.toThrow(BlobKeyError);
        await expect(store.get(key)).rejects.toThrow(BlobKeyError);
        await expect(store.head(key)).rejects.toThrow(BlobKeyError);
        await expect(store.delete(key)).rejects.toThrow(BlobKeyError);
      });

      it('takes every allowed character and many levels', async () => {
        const keys = [
          'A-Z.a_z-0..9',
          'a/b/c/d/e/f/g/h/i/j/k/l',
          `${'x'.repeat(200)}/${'y'.repeat(200)}`,
          'a/.b',
          'a..b',
        ];
        for (const key of keys) await store.put(key, text(key), png);
        for (const key of keys) expect(decode(await store.get(key))).toBe(key);
      });
    });

    describe('listing', () => {
      it('names the keys under a prefix in lexical order', async () => {
        const keys = ['t/a', 't/a-b', 't/a.b', 't/a/b', 't/a/c/d', 't/a0', 't/b', 'u/a', 't/B'];
        for (const key of keys) await store.put(key, text(key), png);
        const sorted = [...keys].sort();
        expect(await keysUnder('')).toEqual(sorted);
        expect(await keysUnder('t/')).toEqual(sorted.filter((key) => key.startsWith('t/')));
        expect(await keysUnder('t/a')).toEqual(sorted.filter((key) => key.startsWith('t/a')));
        expect(await keysUnder('t/a/')).toEqual(['t/a/b', 't/a/c/d']);
      });

      it('is empty where nothing is, and refuses a prefix that leaves the store', async () => {
        expect(await keysUnder('nothing/here')).toEqual([]);
        await expect(keysUnder('../')).rejects.toThrow(BlobKeyError);
        await expect(keysUnder('/')).rejects.toThrow(BlobKeyError);
      });
    });

    describe.runIf(features.expiry)('expiry', () => {
      it('shows an object until `expiresAt` and not after', async () => {
        await store.put('ten_a/brief', text('x'), { ...png, expiresAt: harness.now() + 1_000 });
        await harness.advance?.(999);
        expect(decode(await store.get('ten_a/brief'))).toBe('x');
        await harness.advance?.(1);
        await expect(store.get('ten_a/brief')).rejects.toThrow(BlobNotFoundError);
        expect(await store.head('ten_a/brief')).toBeNull();
      });

      it('lets an expired key be written again with other bytes', async () => {
        await store.put('ten_a/brief', text('old'), { ...png, expiresAt: harness.now() + 1_000 });
        await harness.advance?.(1_000);
        await store.put('ten_a/brief', text('new'), png);
        await harness.advance?.(10_000_000);
        expect(decode(await store.get('ten_a/brief'))).toBe('new');
      });
    });
  });
}

const text = (value: string) => new TextEncoder().encode(value);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Bytes without a pattern, the same in every run. */
function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = length + 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
