import { readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BlobKeyError, isSafeBlobKey } from '@atelier/ports';
import { hasCode, unlessMissing } from './durable-files.js';

/** No key contains `@`, so that the object `a` (file `@a`) can lie beside the objects under `a/` (directory `a`). */
const OBJECT_MARK = '@';

/** Path of the file that holds `key`. */
export function objectPath(root: string, key: string): string {
  if (!isSafeBlobKey(key)) throw new BlobKeyError(key);
  const segments = key.split('/');
  const name = segments.pop();
  return join(root, ...segments, `${OBJECT_MARK}${name}`);
}

/** Keys that begin with `prefix` in lexical order, read one directory at a time. */
export async function* listKeys(root: string, prefix: string): AsyncGenerator<string> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (parent !== '' && !isSafeBlobKey(parent.slice(0, -1))) throw new BlobKeyError(prefix);
  yield* walk(root, parent, prefix);
}

async function* walk(root: string, parent: string, prefix: string): AsyncGenerator<string> {
  const entries = (await unlessMissing(readdir(join(root, parent), { withFileTypes: true }))) ?? [];
  // A directory sorts as its keys do: with the slash that follows its name in all of them.
  const names = entries
    .filter((entry) => (entry.isDirectory() ? isKeyDirectory(parent, entry.name) : entry.name.startsWith(OBJECT_MARK)))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name.slice(OBJECT_MARK.length)))
    .sort();
  for (const name of names) {
    const key = parent + name;
    if (name.endsWith('/')) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(root, key, prefix);
    } else if (key.startsWith(prefix)) {
      yield key;
    }
  }
}

/** The store's own directories lie at the top and begin with a dot, which no key does. */
const isKeyDirectory = (parent: string, name: string): boolean => parent !== '' || !name.startsWith('.');

/** Removes directories above a deleted object up to the first that still holds something. */
export async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let directory = dirname(path); directory !== root; directory = dirname(directory)) {
    try {
      await rmdir(directory);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return;
      throw error;
    }
  }
}
