import type { WeightsManifest } from '@atelier/contracts';
import { buildManifest } from '@atelier/testing';

/** Weights that were trained for these edits and take one picture. */
export function editingManifest(edits: readonly string[] = ['recolour']): WeightsManifest {
  const { tasks, limits } = buildManifest();
  return buildManifest({
    tasks: [...tasks, ...edits.map((name, index) => ({ name, id: 10 + index, trained: true }))],
    limits: { ...limits, maxReferences: 1 },
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
