import type { WeightsManifest } from '@atelier/contracts';
import { buildManifest } from '@atelier/testing';
import sharp from 'sharp';

/** Weights that were trained for these edits and take so many pictures. */
export function editingManifest(edits: readonly string[] = ['recolour'], maxReferences = 1): WeightsManifest {
  const { tasks, limits } = buildManifest();
  return buildManifest({
    tasks: [...tasks, ...edits.map((name, index) => ({ name, id: 10 + index, trained: true }))],
    limits: { ...limits, maxReferences },
  });
}

/** The smallest bytes that pass for a PNG of this size: signature, IHDR, IEND. Nobody decodes them. */
export function pngHeader(widthPx: number, heightPx: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(45);
  bytes.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(widthPx, 16);
  bytes.writeUInt32BE(heightPx, 20);
  bytes.write('IEND', 37, 'latin1');
  return Uint8Array.from(bytes);
}

/** A mask whose left half, or the given share of it, is transparent; null is opaque. */
export async function maskPng(
  width: number,
  height: number,
  transparentShare: number | null = 0.5,
): Promise<Uint8Array<ArrayBuffer>> {
  const rgba = Buffer.alloc(width * height * 4, 255);
  for (let index = 0; index < width * height; index++) {
    if (transparentShare !== null && index % width < width * transparentShare) rgba[index * 4 + 3] = 0;
  }
  return Uint8Array.from(
    await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer(),
  );
}

/** A form for edits; `image[]#1`, `image[]#2` are several files of the field `image[]`. */
export function editForm(
  files: Record<string, Uint8Array<ArrayBuffer>>,
  prompt: string | null = 'make it red',
  fields: Record<string, string> = {},
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (prompt !== null) form.set('prompt', prompt);
  for (const [field, bytes] of Object.entries(files)) {
    form.append(field.split('#')[0] as string, new Blob([bytes], { type: 'image/png' }), 'picture.png');
  }
  return form;
}
