import type { BlobRef } from '@atelier/contracts';

/** What an object says about itself in the metadata stored with it. */
export interface StoredObject extends BlobRef {
  /** Epoch milliseconds; null: never. */
  readonly expiresAt: number | null;
  /** Names this very content to conditional requests. */
  readonly etag: string;
}

const SHA256 = 'sha256';
const EXPIRES_AT = 'expires-at';

export const metadataOf = (sha256: string, expiresAt: number | undefined): Record<string, string> => ({
  [SHA256]: sha256,
  ...(expiresAt === undefined ? {} : { [EXPIRES_AT]: String(expiresAt) }),
});

/** The parts of an answer to HEAD or GET that tell of an object. */
export interface ObjectAnswer {
  readonly Metadata?: Record<string, string> | undefined;
  readonly ContentType?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly ETag?: string | undefined;
}

/** Null for an object that this store has not written. */
export const storedObjectOf = (key: string, answer: ObjectAnswer): StoredObject | null => {
  const sha256 = answer.Metadata?.[SHA256];
  const bytes = totalBytes(answer);
  if (sha256 === undefined || bytes === null) return null;
  const expiresAt = answer.Metadata?.[EXPIRES_AT];
  return {
    key,
    bytes,
    sha256,
    contentType: answer.ContentType ?? 'application/octet-stream',
    expiresAt: expiresAt === undefined ? null : Number(expiresAt),
    etag: answer.ETag ?? '',
  };
};

/** An answer with a part of the object names the length of all of it behind the slash: `bytes 0-9/1234`. */
const totalBytes = ({ ContentRange, ContentLength }: ObjectAnswer): number | null => {
  const total = ContentRange?.split('/')[1] ?? ContentLength;
  return total === undefined || total === '*' ? null : Number(total);
};

export const isExpired = ({ expiresAt }: StoredObject, now: number): boolean => expiresAt !== null && expiresAt <= now;

export const refOf = ({ key, bytes, sha256, contentType }: StoredObject): BlobRef => ({
  key,
  bytes,
  sha256,
  contentType,
});
