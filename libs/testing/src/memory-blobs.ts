import { createHash } from 'node:crypto';
import type { BlobRef } from '@atelier/contracts';
import { BlobConflictError, BlobNotFoundError, type BlobStore } from '@atelier/ports';

/** A write-once blob store in a map, for specs of what reads and writes blobs. */
export class MemoryBlobs implements BlobStore {
  private readonly blobs = new Map<string, { ref: BlobRef; bytes: Uint8Array }>();

  async put(key: string, bytes: Uint8Array, options: { contentType: string }): Promise<BlobRef> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ref = { key, bytes: bytes.length, sha256, contentType: options.contentType };
    const existing = this.blobs.get(key);
    if (existing && existing.ref.sha256 !== sha256) throw new BlobConflictError(key);
    if (!existing) this.blobs.set(key, { ref, bytes: Uint8Array.from(bytes) });
    return ref;
  }

  async get(key: string, range?: { start: number; endExclusive: number }): Promise<Uint8Array> {
    const found = this.blobs.get(key);
    if (!found) throw new BlobNotFoundError(key);
    return range ? found.bytes.slice(range.start, range.endExclusive) : Uint8Array.from(found.bytes);
  }

  async head(key: string): Promise<BlobRef | null> {
    return this.blobs.get(key)?.ref ?? null;
  }

  async delete(key: string): Promise<void> {
    this.blobs.delete(key);
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* [...this.blobs.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}
