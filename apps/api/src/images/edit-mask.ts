import { createHash } from 'node:crypto';
import type { Box, Size } from '@atelier/contracts';
import { sameSize, sizeText } from '@atelier/domain';
import sharp from 'sharp';
import { ApiError } from '../http/api-error.js';
import type { UploadedFile } from '../http/route.js';
import { MAX_IMAGE_PIXELS, sniffImage } from './image-bytes.js';

/** Masks are looked at in this size at most: their bounding box is only as exact as the places that weights know. */
const GRID_PX = 512;
const HALF_TRANSPARENT = 128;

/** A mask that fits its picture: what is transparent may change. */
export interface EditMask {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Bounding box of what may change, in fractions of the picture. */
  readonly box: Box;
}

/** Errors: `invalid_image` for anything but a PNG, `invalid_parameter` for another size or one without transparency. */
export async function editMask({ bytes, field }: UploadedFile, picture: Size): Promise<EditMask> {
  const header = sniffImage(bytes, field);
  if (header.format !== 'png') throw new ApiError('invalid_image', { param: field, message: '"mask" must be a PNG.' });
  if (!sameSize(header, picture)) {
    const message = `"mask" has ${sizeText(header)} pixels; it must have those of the picture, ${sizeText(picture)}.`;
    throw new ApiError('invalid_parameter', { param: field, message });
  }
  const box = await transparentBox(bytes, field);
  if (!box) {
    const message = '"mask" has no transparent part: what is transparent may change.';
    throw new ApiError('invalid_parameter', { param: field, message });
  }
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), box };
}

async function transparentBox(bytes: Uint8Array, param: string): Promise<Box | null> {
  const input = { limitInputPixels: MAX_IMAGE_PIXELS, failOn: 'error', sequentialRead: true } as const;
  try {
    const { data, info } = await sharp(bytes, input)
      .timeout({ seconds: 20 })
      .ensureAlpha()
      .extractChannel('alpha')
      .resize({ width: GRID_PX, height: GRID_PX, fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return boundingBox(data, info.width, info.height, info.channels);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unknown';
    throw new ApiError('invalid_image', { param, message: `"mask" could not be read: ${reason}.` });
  }
}

function boundingBox(alpha: Uint8Array, width: number, height: number, channels: number): Box | null {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((alpha[(y * width + x) * channels] as number) >= HALF_TRANSPARENT) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  if (right <= left) return null;
  return { x: left / width, y: top / height, width: (right - left) / width, height: (bottom - top) / height };
}
