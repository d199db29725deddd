import { mkdir, open } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Creates a file that did not exist and returns once its bytes are on the disk. */
export async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A directory's entries survive a power cut only once the directory itself was synced. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Creates a directory with its parents, and makes each new one durable in the directory above it. */
export async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  let parent = dirname(firstCreated);
  await syncDirectory(parent);
  for (const name of relative(parent, dirname(path)).split(sep).filter(Boolean)) {
    parent = join(parent, name);
    await syncDirectory(parent);
  }
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** The result, or null where the path (or a directory on the way) does not exist. */
export async function unlessMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}
