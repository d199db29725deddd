import type { RgbImage } from '@atelier/ports';
import { StageFailure } from '@atelier/stage-runner';
import sharp from 'sharp';

/** The drawing with a PNG of its size laid over it: opaque pixels are taken over exactly, others mix by their opacity. */
export async function withOverlay(drawing: RgbImage, png: Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(png)
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== drawing.widthPx || info.height !== drawing.heightPx) {
    throw new StageFailure('invalid', 'generation_failed', 'the overlay has another size than the drawing');
  }
  const rgb = Uint8Array.from(drawing.rgb, (drawn, index) => {
    const pixel = Math.floor(index / 3);
    const opacity = (data[pixel * 4 + 3] as number) / 255;
    return Math.round(opacity * (data[pixel * 4 + (index % 3)] as number) + (1 - opacity) * drawn);
  });
  return { ...drawing, rgb };
}
