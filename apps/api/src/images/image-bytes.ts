import { ApiError } from '../http/api-error.js';

export const MAX_IMAGE_BYTES = 30 * 1024 * 1024;
export const MAX_IMAGE_PIXELS = 64_000_000;

export interface SniffedImage {
  readonly format: 'png' | 'jpeg' | 'webp' | 'avif';
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Tells format and size of an uploaded picture from its bytes alone; names and declared types are not believed. Reads
 * headers only: decoding happens later, in a worker. Throws `invalid_image` or `image_too_large`.
 */
export function sniffImage(bytes: Uint8Array, param: string): SniffedImage {
  if (bytes.byteLength > MAX_IMAGE_BYTES) throw new ApiError('image_too_large', { param });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const image = readPng(buffer) ?? readJpeg(buffer) ?? readWebp(buffer) ?? readAvif(buffer);
  if (!image || image.widthPx < 1 || image.heightPx < 1) throw new ApiError('invalid_image', { param });
  if (image.widthPx * image.heightPx > MAX_IMAGE_PIXELS) throw new ApiError('image_too_large', { param });
  return image;
}

/** Signature, IHDR as the first chunk, and the IEND chunk at the end: a cut file is refused here. */
function readPng(buffer: Buffer): SniffedImage | null {
  if (buffer.length < 45 || buffer.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null;
  if (buffer.toString('latin1', 12, 16) !== 'IHDR') return null;
  if (buffer.toString('latin1', buffer.length - 8, buffer.length - 4) !== 'IEND') return null;
  return { format: 'png', widthPx: buffer.readUInt32BE(16), heightPx: buffer.readUInt32BE(20) };
}

/** Walks the markers from SOI to the frame header; the size stands in SOF0..SOF15 without DHT, JPG and DAC. */
function readJpeg(buffer: Buffer): SniffedImage | null {
  if (buffer.length < 4 || buffer.readUInt16BE(0) !== 0xffd8) return null;
  let offset = 2;
  while (offset + 9 < buffer.length) {
    if (buffer[offset] !== 0xff) return null;
    const marker = buffer[offset + 1] as number;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      return { format: 'jpeg', heightPx: buffer.readUInt16BE(offset + 5), widthPx: buffer.readUInt16BE(offset + 7) };
    }
    const length = buffer.readUInt16BE(offset + 2);
    if (length < 2) return null;
    offset += 2 + length;
  }
  return null;
}

/** RIFF container: VP8 (lossy), VP8L (lossless) and VP8X (extended) each keep the size elsewhere. */
function readWebp(buffer: Buffer): SniffedImage | null {
  if (buffer.length < 30 || buffer.toString('latin1', 0, 4) !== 'RIFF') return null;
  if (buffer.toString('latin1', 8, 12) !== 'WEBP' || buffer.readUInt32LE(4) + 8 > buffer.length + 1) return null;
  switch (buffer.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return {
        format: 'webp',
        widthPx: buffer.readUInt16LE(26) & 0x3fff,
        heightPx: buffer.readUInt16LE(28) & 0x3fff,
      };
    case 'VP8L': {
      const bits = buffer.readUInt32LE(21);
      return { format: 'webp', widthPx: (bits & 0x3fff) + 1, heightPx: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { format: 'webp', widthPx: buffer.readUIntLE(24, 3) + 1, heightPx: buffer.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

/** ISO media file with the brand avif; the size stands in the first `ispe` property of the metadata box. */
function readAvif(buffer: Buffer): SniffedImage | null {
  if (buffer.length < 32 || buffer.toString('latin1', 4, 8) !== 'ftyp') return null;
  const brands = buffer.toString('latin1', 8, Math.min(buffer.readUInt32BE(0), 256, buffer.length));
  if (!/avif|avis/.test(brands)) return null;
  const property = buffer.subarray(0, 64 * 1024).indexOf('ispe', 0, 'latin1');
  if (property === -1 || property + 16 > buffer.length) return null;
  return {
    format: 'avif',
    widthPx: buffer.readUInt32BE(property + 8),
    heightPx: buffer.readUInt32BE(property + 12),
  };
}
