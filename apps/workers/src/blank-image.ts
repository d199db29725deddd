import type { Size } from '@atelier/contracts';
import type { RgbImage } from '@atelier/ports';

/** A black picture, to have a graph loaded and run once before the first order. */
export const blankImage = (size: Size): RgbImage => ({
  ...size,
  rgb: new Uint8Array(size.widthPx * size.heightPx * 3),
});
