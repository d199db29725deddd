import { BlobKeyError, isSafeBlobKey } from '@atelier/ports';

/**
 * Ends the key of every object. Servers that keep objects as files cannot hold `a` beside `a/b`, where `a` would be a
 * file and a folder; `a!` beside `a/b!` they can. It sorts before every character of a key, so the order stays the same.
 */
const END_MARK = '!';

export const objectKeyOf = (key: string): string => {
  if (!isSafeBlobKey(key)) throw new BlobKeyError(key);
  return key + END_MARK;
};

/** Null for an object that is not ours. */
export const keyOf = (objectKey: string): string | null => {
  if (!objectKey.endsWith(END_MARK)) return null;
  const key = objectKey.slice(0, -END_MARK.length);
  return isSafeBlobKey(key) ? key : null;
};

/** A prefix may end anywhere in a segment; the folders in it must be folders of keys. */
export const checkPrefix = (prefix: string): void => {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (parent !== '' && !isSafeBlobKey(parent.slice(0, -1))) throw new BlobKeyError(prefix);
};
