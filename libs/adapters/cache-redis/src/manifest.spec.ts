import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  decodeManifest,
  describeChunks,
  encodeManifest,
  joinChunks,
  splitIntoChunks,
} from './manifest.js';

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.constantFrom(CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES),
);
/** Made once: two megabytes byte by byte take a while. */
const PATTERN = Uint8Array.from({ length: 2 * CHUNK_BYTES + 10 }, (_, n) => (n * 31 + (n >> 8)) % 256);
const contentOf = (bytes: number) => PATTERN.slice(0, bytes);

describe('chunks and manifest', () => {
  it('give back any content', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const chunks = splitIntoChunks(contentOf(size));
        const manifest = decodeManifest(encodeManifest(describeChunks('w', chunks, 12.5)));
        expect(manifest).not.toBeNull();
        if (manifest) expect(Buffer.compare(joinChunks(manifest, chunks) ?? Buffer.from('?'), contentOf(size))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('read as absent with any one bit of a chunk flipped, a chunk missing, cut or exchanged', () => {
    const chunks = splitIntoChunks(contentOf(2 * CHUNK_BYTES + 10));
    const manifest = describeChunks('w', chunks, 1);
    const [first, second, third] = chunks as [Buffer, Buffer, Buffer];
    fc.assert(
      fc.property(fc.nat(first.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(first);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(joinChunks(manifest, [flipped, second, third])).toBeNull();
      }),
      { numRuns: 20 },
    );
    expect(joinChunks(manifest, [first, null, third])).toBeNull();
    expect(joinChunks(manifest, [first, second])).toBeNull();
    expect(joinChunks(manifest, [first, second, third.subarray(1)])).toBeNull();
    expect(joinChunks(manifest, [second, first, third])).toBeNull();
    expect(joinChunks(manifest, [first, second, third])).not.toBeNull();
  });

  it('refuse a manifest with any character changed, cut off or added', () => {
    const encoded = encodeManifest(describeChunks('w', splitIntoChunks(contentOf(100)), 1));
    for (let at = 0; at < encoded.length; at += 1) {
      const other = encoded[at] === 'x' ? 'y' : 'x';
      expect(decodeManifest(encoded.slice(0, at) + other + encoded.slice(at + 1))).toBeNull();
      expect(decodeManifest(encoded.slice(0, at))).toBeNull();
    }
    expect(decodeManifest(`${encoded} `)).toBeNull();
  });
});
