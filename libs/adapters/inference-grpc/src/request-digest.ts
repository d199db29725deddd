import { createHash } from 'node:crypto';
import type { Tensor } from '@atelier/ports';

/** One text for equal calls: the plain parts as JSON, tensors and pixels by their bytes. */
export function requestDigest(verb: string, ...parts: readonly unknown[]): string {
  const hash = createHash('sha256').update(verb);
  const withoutBytes = (_: string, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return (value as Tensor['data']).length;
  };
  return hash.update(JSON.stringify(parts, withoutBytes)).digest('hex');
}
