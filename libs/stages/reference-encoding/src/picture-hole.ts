import type { Box, Size } from '@atelier/contracts';
import type { RgbImage } from '@atelier/ports';
import { StageFailure } from '@atelier/stage-runner';
import sharp from 'sharp';
import { MAX_IMAGE_PIXELS } from './reference-image.js';

/** The hole is a check of two greys, which is no colour of the world: cells of 1/32 of the picture's edge. */
const CHECK_CELLS = 32;
const CHECK_LEVELS = [138, 118] as const;
/** Where old and new meet, within the hole: share of the edge over which the old picture fades out. */
const FEATHER_SHARE = 1 / 96;
const OPAQUE = 255;

/** Per pixel, 1 where the picture is to be drawn anew. */
export type Hole = Uint8Array;

/** The hole of a mask (transparent = to be drawn anew), brought to the size as the picture is. */
export async function holeOfMask(mask: Uint8Array, { widthPx, heightPx }: Size): Promise<Hole> {
  try {
    const alpha = await sharp(mask, { limitInputPixels: MAX_IMAGE_PIXELS, failOn: 'error' })
      .ensureAlpha()
      .extractChannel('alpha')
      .resize({ width: widthPx, height: heightPx, fit: 'cover' })
      .raw()
      .toBuffer();
    return Uint8Array.from(alpha, (level) => (level < 128 ? 1 : 0));
  } catch (error) {
    throw new StageFailure('invalid', 'invalid_image', `mask: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

export function holeOfBox({ x, y, width, height }: Box, { widthPx, heightPx }: Size): Hole {
  const hole = new Uint8Array(widthPx * heightPx);
  const [left, right] = [Math.round(x * widthPx), Math.round(Math.min(1, x + width) * widthPx)];
  const [top, bottom] = [Math.round(y * heightPx), Math.round(Math.min(1, y + height) * heightPx)];
  for (let row = top; row < bottom; row++) hole.fill(1, row * widthPx + left, row * widthPx + right);
  return hole;
}

/** The picture with the hole painted over it. */
export function withHole({ rgb, widthPx, heightPx }: RgbImage, hole: Hole): RgbImage {
  const cellPx = Math.max(1, Math.floor(Math.min(widthPx, heightPx) / CHECK_CELLS));
  const painted = Uint8Array.from(rgb);
  for (let index = 0; index < hole.length; index++) {
    if (!hole[index]) continue;
    const [row, column] = [Math.floor(index / widthPx), index % widthPx];
    const isEven = (Math.floor(row / cellPx) + Math.floor(column / cellPx)) % 2 === 0;
    painted.fill(CHECK_LEVELS[isEven ? 0 : 1], index * 3, index * 3 + 3);
  }
  return { widthPx, heightPx, rgb: painted };
}

/**
 * What comes back into the result: PNG with the picture's own pixels, opaque outside of the hole, fading out within its
 * first pixels, clear in the rest of it.
 */
export function keptPixels({ rgb, widthPx, heightPx }: RgbImage, hole: Hole): Promise<Uint8Array> {
  const featherPx = Math.max(1, Math.round(Math.min(widthPx, heightPx) * FEATHER_SHARE));
  const depths = depthsInHole(hole, widthPx, heightPx, featherPx + 1);
  const rgba = Buffer.alloc(widthPx * heightPx * 4);
  for (let index = 0; index < hole.length; index++) {
    rgba.set(rgb.subarray(index * 3, index * 3 + 3), index * 4);
    rgba[index * 4 + 3] = Math.round(OPAQUE * Math.max(0, 1 - (depths[index] as number) / (featherPx + 1)));
  }
  return sharp(rgba, { raw: { width: widthPx, height: heightPx, channels: 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** Steps from the rim of the hole, 0 outside of it; the picture's own border is no rim. Counts up to `most`. */
function depthsInHole(hole: Hole, widthPx: number, heightPx: number, most: number): Uint8Array {
  const depths = Uint8Array.from(hole, (inside) => (inside ? most : 0));
  for (let depth = 1; depth < most; depth++) {
    for (let index = 0; index < depths.length; index++) {
      if (depths[index] !== most) continue;
      const column = index % widthPx;
      const isNear =
        (column > 0 && depths[index - 1] === depth - 1) ||
        (column < widthPx - 1 && depths[index + 1] === depth - 1) ||
        (index >= widthPx && depths[index - widthPx] === depth - 1) ||
        (index < widthPx * (heightPx - 1) && depths[index + widthPx] === depth - 1);
      if (isNear) depths[index] = depth;
    }
  }
  return depths;
}
