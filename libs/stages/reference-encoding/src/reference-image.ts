import type { Size } from '@atelier/contracts';
import type { RgbImage } from '@atelier/ports';
import { StageFailure } from '@atelier/stage-runner';
import sharp from 'sharp';

export const MAX_IMAGE_BYTES = 30_000_000;
export const MAX_IMAGE_PIXELS = 64_000_000;
const DECODE_TIMEOUT_S = 20;

/**
 * Decodes a picture that came from outside into RGB of the asked size: only PNG, JPEG, WebP and AVIF by their first
 * bytes, bounded in bytes, pixels and time; the first frame, turned upright, metadata dropped, transparency on white,
 * cropped around its centre where its proportions differ.
 * @throws StageFailure `image_too_large` or `invalid_image`
 */
export async function decodeReferenceImage(bytes: Uint8Array, size: Size): Promise<RgbImage> {
  if (bytes.length > MAX_IMAGE_BYTES) throw tooLarge(`${bytes.length} bytes`);
  if (!sniffImage(bytes)) throw new StageFailure('invalid', 'invalid_image', 'the first bytes are of no known format');
  const input = { limitInputPixels: MAX_IMAGE_PIXELS, failOn: 'error', sequentialRead: true } as const;
  try {
    const { width, height } = await sharp(bytes, input).metadata();
    if (width * height > MAX_IMAGE_PIXELS) throw tooLarge(`${width} x ${height} pixels`);
    const rgb = await sharp(bytes, input)
      .timeout({ seconds: DECODE_TIMEOUT_S })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: size.widthPx, height: size.heightPx, fit: 'cover' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    return { ...size, rgb };
  } catch (error) {
    if (error instanceof StageFailure) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    if (/pixel limit/i.test(detail)) throw tooLarge(detail);
    throw new StageFailure('invalid', 'invalid_image', detail, { cause: error });
  }
}

export type ReferenceFormat = 'png' | 'jpeg' | 'webp' | 'avif';

/** The format that the first bytes tell; a name or a content type is not believed. */
export function sniffImage(bytes: Uint8Array): ReferenceFormat | null {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.slice(4, 8) === 'ftyp' && ['avif', 'avis'].includes(head.slice(8, 12))) return 'avif';
  return null;
}

const tooLarge = (detail: string): StageFailure => new StageFailure('invalid', 'image_too_large', detail);
