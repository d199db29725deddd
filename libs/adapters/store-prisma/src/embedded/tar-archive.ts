import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const SIZE_AT = 124;
const TYPE_AT = 156;

/**
 * Unpacks a tar archive of plain files and folders, as the database engine writes it (POSIX ustar, names of at most 100
 * bytes). @param sync waits until every file is on the disk
 */
export const extractTar = (archivePath: string, folder: string, sync: boolean): void => {
  const archive = readFileSync(archivePath);
  let offset = 0;
  while (offset + BLOCK_BYTES <= archive.length && archive[offset] !== 0) {
    const name = textAt(archive, offset, NAME_BYTES);
    const sizeBytes = Number.parseInt(textAt(archive, offset + SIZE_AT, 12), 8) || 0;
    const isFolder = archive[offset + TYPE_AT] === '5'.charCodeAt(0);
    const target = path.join(folder, name);
    if (!target.startsWith(path.join(folder, path.sep)))
      throw new Error(`the archive leads out of its folder: ${name}`);
    if (isFolder) mkdirSync(target, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
      writeFile(target, archive.subarray(offset + BLOCK_BYTES, offset + BLOCK_BYTES + sizeBytes), sync);
    }
    offset += BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
};

const textAt = (archive: Buffer, start: number, maxBytes: number): string => {
  const field = archive.subarray(start, start + maxBytes);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? maxBytes : end).toString('utf8');
};

const writeFile = (target: string, bytes: Buffer, sync: boolean): void => {
  const descriptor = openSync(target, 'w', 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    if (sync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
