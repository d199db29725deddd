import sharp from 'sharp';
import { readPngText } from './png-text.js';

/** An EXIF block must fit into one JPEG segment of 65,533 bytes; the rest is left for its structure. */
const MAX_DESCRIPTION_BYTES = 60_000;
const IMAGE_DESCRIPTION_TAG = 0x010e;

/**
 * EXIF holds ASCII only, so the entries become JSON with every other character escaped, in `ImageDescription`. Of
 * entries too long for one segment the longest are shortened.
 */
export function toImageDescription(entries: readonly (readonly [string, string])[]): string {
  const kept = new Map(entries);
  for (;;) {
    const json = asciiJson(Object.fromEntries(kept));
    if (json.length <= MAX_DESCRIPTION_BYTES) return json;
    const [longest = '', text = ''] = [...kept].sort((a, b) => b[1].length - a[1].length)[0] ?? [];
    kept.set(longest, `${text.slice(0, Math.floor(text.length / 2))}…`);
  }
}

/** What a delivered picture says about itself, in any of the formats it may have; empty when it says nothing. */
export async function readProvenance(image: Uint8Array): Promise<Record<string, string>> {
  const { format, exif } = await sharp(image).metadata();
  if (format === 'png') return Object.fromEntries(readPngText(image));
  const description = exif && readImageDescription(exif);
  return description ? (JSON.parse(description) as Record<string, string>) : {};
}

const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Finds the tag in the first directory of an EXIF block (`Exif\0\0`, then a TIFF header of either byte order). */
function readImageDescription(exif: Buffer): string | null {
  const tiff = exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = u32(4);
  for (let entry = 0; entry < u16(directory); entry++) {
    const at = directory + 2 + entry * 12;
    if (u16(at) !== IMAGE_DESCRIPTION_TAG) continue;
    const count = u32(at + 4);
    const start = count <= 4 ? at + 8 : u32(at + 8);
    return tiff.toString('latin1', start, start + count).replace(/\0+$/, '');
  }
  return null;
}
