import { crc32 } from 'node:zlib';

/** 64 B less than a MiB, so that a value and Redis' header of it fit one MiB of its allocator. */
export const CHUNK_BYTES = 1_048_576 - 64;

/** Describes an entry's chunks. It is written last: an entry without a manifest does not exist. */
export interface Manifest {
  /** Names the chunks of this very write: a later write of the same entry has others. */
  readonly write: string;
  readonly bytes: number;
  readonly recomputeMs: number;
  /** crc32 of each chunk, in order. */
  readonly checksums: readonly number[];
}

export const chunkCount = (bytes: number): number => Math.ceil(bytes / CHUNK_BYTES);

/** Copies: what the caller does to its bytes later changes nothing. */
export const splitIntoChunks = (bytes: Uint8Array): Buffer[] =>
  Array.from({ length: chunkCount(bytes.length) }, (_, index) =>
    Buffer.from(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
  );

export const describeChunks = (write: string, chunks: readonly Buffer[], recomputeMs: number): Manifest => ({
  write,
  bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  recomputeMs,
  checksums: chunks.map((chunk) => crc32(chunk)),
});

/** The text carries a checksum of its own in front. */
export const encodeManifest = (manifest: Manifest): string => {
  const text = JSON.stringify(manifest);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}`;
};

/** Null for anything but a whole manifest. */
export const decodeManifest = (encoded: string): Manifest | null => {
  const text = encoded.slice(9);
  if (encoded.slice(0, 9) !== `${crc32(text).toString(16).padStart(8, '0')} `) return null;
  try {
    const manifest = JSON.parse(text) as Manifest;
    return manifest.checksums.length === chunkCount(manifest.bytes) ? manifest : null;
  } catch {
    return null;
  }
};

/** The content, in a buffer of its own; null if a chunk is missing, cut or changed. */
export const joinChunks = (manifest: Manifest, chunks: readonly (Buffer | null)[]): Uint8Array | null => {
  const bytes = new Uint8Array(manifest.bytes);
  let position = 0;
  for (const [index, checksum] of manifest.checksums.entries()) {
    const chunk = chunks[index];
    const expected = Math.min(CHUNK_BYTES, manifest.bytes - position);
    if (!chunk || chunk.length !== expected || crc32(chunk) !== checksum) return null;
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
};
