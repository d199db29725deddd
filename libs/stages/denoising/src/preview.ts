import type { RgbImage } from '@atelier/ports';
import sharp from 'sharp';

/** Previews are for the eye on the way: small and cheap before true. */
const PREVIEW_EDGE_PX = 256;
const PREVIEW_QUALITY = 70;

export const PREVIEW_CONTENT_TYPE = 'image/webp';

/** Frames of a storyboard stand side by side, in order. */
export function encodePreview(frames: readonly RgbImage[]): Promise<Uint8Array> {
  const [first] = frames;
  if (!first) throw new RangeError('a preview needs a picture');
  const { widthPx, heightPx } = first;
  const [width, height] = [widthPx * frames.length, heightPx];
  return sharp(sideBySide(frames, widthPx, heightPx), { raw: { width, height, channels: 3 } })
    .resize({
      width: PREVIEW_EDGE_PX * frames.length,
      height: PREVIEW_EDGE_PX,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .webp({ quality: PREVIEW_QUALITY, effort: 1 })
    .toBuffer();
}

function sideBySide(frames: readonly RgbImage[], widthPx: number, heightPx: number): Uint8Array {
  const rowBytes = widthPx * 3;
  const strip = new Uint8Array(rowBytes * frames.length * heightPx);
  for (const [index, { rgb }] of frames.entries()) {
    for (let row = 0; row < heightPx; row++) {
      strip.set(rgb.subarray(row * rowBytes, (row + 1) * rowBytes), (row * frames.length + index) * rowBytes);
    }
  }
  return strip;
}

export interface PreviewRuleOptions {
  /** Shortest time between two previews. @default 300 */
  readonly intervalMs?: number;
  /** Largest share of the denoising time that previews may take. @default 0.2 */
  readonly maxShare?: number;
}

/** Decides after which steps a preview is shown: not too often, and never where it would slow the drawing down. */
export class PreviewRule {
  private sinceLastMs = 0;

  /** @param previewMs what a preview costs by the manifest; corrected by `measured` */
  constructor(
    private previewMs: number,
    private readonly options: PreviewRuleOptions = {},
  ) {}

  isDue(step: number, steps: number, stepMs: number): boolean {
    this.sinceLastMs += stepMs;
    const { intervalMs = 300, maxShare = 0.2 } = this.options;
    if (step >= steps || this.sinceLastMs < intervalMs || this.previewMs > maxShare * this.sinceLastMs) return false;
    this.sinceLastMs = 0;
    return true;
  }

  measured(previewMs: number): void {
    this.previewMs = previewMs;
  }
}
