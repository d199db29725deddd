import type { FileHandle } from 'node:fs/promises';
import type { BlobRef } from '@atelier/contracts';

/**
 * One file holds one object: its bytes, then a trailer (JSON, its length as uint32 little-endian, a magic word).
 * Bytes and description so appear by one atomic link, and a picture still opens in a viewer, which ignores what
 * follows its end mark.
 */
export interface ObjectTrailer extends BlobRef {
  /** Epoch milliseconds from which the object reads as absent; null: never. */
  readonly expiresAt: number | null;
  /** Name of this object's entry in the expiry index. */
  readonly expiryEntry: string | null;
}

const MAGIC = Buffer.from('ATELBLB1');
const SUFFIX_BYTES = 4 + MAGIC.length;
/** Reads most trailers together with their suffix in one go: key <= 512, content type <= 100 characters. */
const TAIL_BYTES = 2_048;

export function encodeTrailer(trailer: ObjectTrailer): Buffer {
  const json = Buffer.from(JSON.stringify(trailer));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([json, length, MAGIC]);
}

/** Reads the trailer at the end of `tail`; null if it is not one, or does not fit a file of `fileBytes`. */
export function decodeTrailer(tail: Buffer, fileBytes: number): ObjectTrailer | null {
  if (tail.length < SUFFIX_BYTES || !tail.subarray(-MAGIC.length).equals(MAGIC)) return null;
  const jsonBytes = tail.readUInt32LE(tail.length - SUFFIX_BYTES);
  const start = tail.length - SUFFIX_BYTES - jsonBytes;
  if (start < 0) return null;
  try {
    const trailer = JSON.parse(tail.subarray(start, start + jsonBytes).toString()) as ObjectTrailer;
    return trailer.bytes === fileBytes - SUFFIX_BYTES - jsonBytes ? trailer : null;
  } catch {
    return null;
  }
}

/** The trailer of an open file; null for a file that was cut or overwritten by something else. */
export async function readTrailer(file: FileHandle): Promise<ObjectTrailer | null> {
  const { size } = await file.stat();
  const tail = await readExactly(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
  return tail && decodeTrailer(tail, size);
}

/** `length` bytes from `position`, in a buffer of their own; null if the file ends before. */
export async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return buffer;
}
