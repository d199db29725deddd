import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BlobRef } from '@atelier/contracts';
import {
  BlobConflictError,
  BlobNotFoundError,
  type BlobStore,
  BlobStoreUnavailableError,
  type Clock,
} from '@atelier/ports';
import { hasCode, makeDirectory, syncDirectory, unlessMissing, writeDurably } from './durable-files.js';
import { ExpiryIndex } from './expiry-index.js';
import { encodeTrailer, type ObjectTrailer, readExactly, readTrailer } from './object-file.js';
import { listKeys, objectPath, removeEmptyParents } from './object-tree.js';

export interface FilesystemBlobStoreOptions {
  /** Created when missing; the store owns everything in it. It needs a file system with hard links. */
  readonly directory: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Age from which an unfinished write is taken for a dead process's. @default one hour */
  readonly abandonedAfterMs?: number;
}

/**
 * Objects as files. A write goes to a temporary file, is synced, and appears under its name by a hard link, which
 * the file system refuses if the name exists: so an object is whole or absent and the first writer wins.
 */
export class FilesystemBlobStore implements BlobStore {
  private readonly root: string;
  private readonly temporary: string;
  private readonly expiry: ExpiryIndex;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly abandonedAfterMs: number;
  /** Tail of the chain of changes per key, for the steps that must not interleave within this process. */
  private readonly changing = new Map<string, Promise<unknown>>();

  constructor({ directory, clock, abandonedAfterMs = 3_600_000 }: FilesystemBlobStoreOptions) {
    this.root = resolve(directory);
    this.temporary = join(this.root, '.writing');
    this.expiry = new ExpiryIndex(join(this.root, '.expiry'));
    this.clock = clock;
    this.abandonedAfterMs = abandonedAfterMs;
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { contentType, expiresAt }: { contentType: string; expiresAt?: number },
  ): Promise<BlobRef> {
    const path = objectPath(this.root, key);
    const content = new Uint8Array(bytes);
    const trailer: ObjectTrailer = {
      key,
      bytes: content.length,
      sha256: sha256(content),
      contentType,
      expiresAt: expiresAt ?? null,
      expiryEntry: expiresAt === undefined ? null : this.expiry.entryFor(expiresAt),
    };
    const written = join(this.temporary, randomBytes(12).toString('hex'));
    try {
      await makeDirectory(this.temporary);
      await writeDurably(written, [content, encodeTrailer(trailer)]);
      return toRef(await this.oneAtATime(key, () => this.publish(written, path, trailer)));
    } catch (error) {
      if (!hasCode(error, 'ENOSPC', 'EDQUOT', 'EROFS')) throw error;
      throw new BlobStoreUnavailableError(`the disk of ${this.root} takes no more`, { cause: error });
    } finally {
      await rm(written, { force: true });
    }
  }

  async get(key: string, range?: { start: number; endExclusive: number }): Promise<Uint8Array> {
    const bytes = await this.withObject(key, (file, trailer) =>
      range ? readRange(file, trailer, range) : readWhole(file, trailer),
    );
    if (!bytes) throw new BlobNotFoundError(key);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  head(key: string): Promise<BlobRef | null> {
    return this.withObject(key, async (_, trailer) => toRef(trailer));
  }

  async delete(key: string): Promise<void> {
    const path = objectPath(this.root, key);
    await this.oneAtATime(key, () => this.remove(path));
  }

  list(prefix: string): AsyncIterable<string> {
    return listKeys(this.root, prefix);
  }

  /** Removes expired objects and the remains of writes that died. Returns how many objects went. */
  async sweep(): Promise<number> {
    let removed = 0;
    for await (const entry of this.expiry.due(this.clock.now())) removed += (await this.sweepEntry(entry)) ? 1 : 0;
    for (const name of (await unlessMissing(readdir(this.temporary))) ?? []) {
      const path = join(this.temporary, name);
      const found = await unlessMissing(stat(path));
      if (found && this.clock.now() - found.mtimeMs > this.abandonedAfterMs) await rm(path, { force: true });
    }
    return removed;
  }

  /** Gives a written file its name. Returns the trailer of what is now under it. */
  private async publish(written: string, path: string, trailer: ObjectTrailer): Promise<ObjectTrailer> {
    if (trailer.expiryEntry) await this.expiry.add(trailer.expiryEntry, written);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await makeDirectory(dirname(path));
      try {
        await link(written, path);
        await syncDirectory(dirname(path));
        return trailer;
      } catch (error) {
        // ENOENT: a deletion removed the emptied directory in between.
        if (hasCode(error, 'ENOENT')) continue;
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const present = await this.readLive(path);
      if (present) {
        if (trailer.expiryEntry) await this.expiry.remove(trailer.expiryEntry);
        if (present.sha256 !== trailer.sha256) throw new BlobConflictError(trailer.key);
        return present;
      }
      await this.remove(path);
    }
    throw new Error(`blob ${trailer.key} could not be written: its directory keeps disappearing`);
  }

  private async withObject<T>(
    key: string,
    read: (file: FileHandle, trailer: ObjectTrailer) => Promise<T>,
  ): Promise<T | null> {
    const file = await unlessMissing(open(objectPath(this.root, key), 'r'));
    if (!file) return null;
    try {
      const trailer = await readTrailer(file);
      return trailer && this.isLive(trailer) ? await read(file, trailer) : null;
    } finally {
      await file.close();
    }
  }

  private async readLive(path: string): Promise<ObjectTrailer | null> {
    const trailer = await readTrailerAt(path);
    return trailer && this.isLive(trailer) ? trailer : null;
  }

  private isLive({ expiresAt }: ObjectTrailer): boolean {
    return expiresAt === null || this.clock.now() < expiresAt;
  }

  private async remove(path: string): Promise<void> {
    const trailer = await readTrailerAt(path);
    await rm(path, { force: true });
    if (trailer?.expiryEntry) await this.expiry.remove(trailer.expiryEntry);
    await removeEmptyParents(this.root, path);
  }

  /** True if the entry's object had expired and was removed. */
  private async sweepEntry(entry: string): Promise<boolean> {
    const trailer = await readTrailerAt(this.expiry.path(entry));
    if (trailer && this.isLive(trailer)) return false;
    if (!trailer) {
      await this.expiry.remove(entry);
      return false;
    }
    return this.oneAtATime(trailer.key, async () => {
      const path = objectPath(this.root, trailer.key);
      // The key may hold a later object by now: only the one this entry was made for goes with it.
      const present = await readTrailerAt(path);
      if (present?.expiryEntry === entry) await this.remove(path);
      await this.expiry.remove(entry);
      return present?.expiryEntry === entry;
    });
  }

  private async oneAtATime<T>(key: string, change: () => Promise<T>): Promise<T> {
    const result = (this.changing.get(key) ?? Promise.resolve()).then(change);
    const settled = result.catch(() => undefined);
    this.changing.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.changing.get(key) === settled) this.changing.delete(key);
    }
  }
}

async function readTrailerAt(path: string): Promise<ObjectTrailer | null> {
  const file = await unlessMissing(open(path, 'r'));
  if (!file) return null;
  try {
    return await readTrailer(file);
  } finally {
    await file.close();
  }
}

/** All bytes, or null if they are not the ones that were written. */
async function readWhole(file: FileHandle, trailer: ObjectTrailer): Promise<Buffer | null> {
  const bytes = await readExactly(file, 0, trailer.bytes);
  return bytes && sha256(bytes) === trailer.sha256 ? bytes : null;
}

async function readRange(
  file: FileHandle,
  { bytes }: ObjectTrailer,
  { start, endExclusive }: { start: number; endExclusive: number },
): Promise<Buffer | null> {
  if (!Number.isInteger(start) || start < 0 || start > bytes || endExclusive < start) {
    throw new RangeError(`range ${start}..${endExclusive} of an object of ${bytes} bytes`);
  }
  return readExactly(file, start, Math.min(Math.floor(endExclusive), bytes) - start);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const toRef = ({ key, bytes, sha256: digest, contentType }: ObjectTrailer): BlobRef => ({
  key,
  bytes,
  sha256: digest,
  contentType,
});
