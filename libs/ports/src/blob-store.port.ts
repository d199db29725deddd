import type { BlobRef } from '@atelier/contracts';

/**
 * Finished objects. Semantics every adapter must prove:
 * - write-once: a second `put` of a key with equal bytes is a no-op, with other bytes `BlobConflictError`;
 * - no torn object: a reader sees all bytes or `BlobNotFoundError`, whatever died in between;
 * - keys are relative POSIX paths (`[A-Za-z0-9._-/]`, no `..`, no leading slash): anything else is `BlobKeyError`;
 * - an object whose `expiresAt` has passed reads as absent, and its key may be written again;
 * - a range is clamped to the object's end; a range that starts past the end, or runs backwards, is `RangeError`.
 */
export interface BlobStore {
  put(key: string, bytes: Uint8Array, options: { contentType: string; expiresAt?: number }): Promise<BlobRef>;
  get(key: string, range?: { start: number; endExclusive: number }): Promise<Uint8Array>;
  head(key: string): Promise<BlobRef | null>;
  /** Removing what is not there succeeds. */
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix`, in lexical order. An expired object may still be named until it is swept. */
  list(prefix: string): AsyncIterable<string>;
}

/** Thrown when a key holds other bytes already. */
export class BlobConflictError extends Error {
  override readonly name = 'BlobConflictError';
  constructor(readonly key: string) {
    super(`blob ${key} exists with other content`);
  }
}

/** Thrown when a key holds nothing, or its object is expired. */
export class BlobNotFoundError extends Error {
  override readonly name = 'BlobNotFoundError';
  constructor(readonly key: string) {
    super(`blob ${key} not found`);
  }
}

/**
 * Thrown while the store cannot be reached, or when the connection broke before the answer. Asking again is safe: objects
 * are written once.
 */
export class BlobStoreUnavailableError extends Error {
  override readonly name = 'BlobStoreUnavailableError';
  readonly retryable = true;
}

/** Thrown for a key that is not a safe relative path. */
export class BlobKeyError extends Error {
  override readonly name = 'BlobKeyError';
  constructor(readonly key: string) {
    super(`blob key ${JSON.stringify(key.slice(0, 80))} is not allowed`);
  }
}

/** A key that every store can hold: relative, no empty or dotted-only segment, at most 512 characters. */
export function isSafeBlobKey(key: string): boolean {
  return (
    key.length <= 512 &&
    /^[A-Za-z0-9][A-Za-z0-9._\-/]*$/.test(key) &&
    key.split('/').every((segment) => segment.length <= 200 && segment !== '' && segment !== '.' && segment !== '..')
  );
}
