import type { OutputFormat } from '@atelier/contracts';
import type { RgbImage } from '@atelier/ports';
import sharp from 'sharp';
import { writePngText } from './png-text.js';
import { toImageDescription } from './provenance.js';

export const CONTENT_TYPES = { png: 'image/png', webp: 'image/webp', jpeg: 'image/jpeg' } as const;

const WEBP_QUALITY = 92;
const JPEG_QUALITY = 92;

/**
 * Pixels -> the bytes of an image file that carries its provenance. Equal input gives equal bytes: entries are
 * sorted by key, and nothing but the input goes in.
 */
export async function encodeImageFile(
  { rgb, widthPx, heightPx }: RgbImage,
  format: OutputFormat,
  provenance: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const entries = Object.entries(provenance).sort(([a], [b]) => (a < b ? -1 : 1));
  const image = sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } });
  if (format === 'png') return writePngText(await image.png({ compressionLevel: 6 }).toBuffer(), entries);
  const described =
    entries.length === 0 ? image : image.withExif({ IFD0: { ImageDescription: toImageDescription(entries) } });
  return format === 'webp'
    ? described.webp({ quality: WEBP_QUALITY }).toBuffer()
    : described.jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
}
