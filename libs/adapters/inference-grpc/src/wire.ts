import { endianness } from 'node:os';
import type { DenoiseRequest, RgbImage, Tensor } from '@atelier/ports';
import type { WirePicture, WireTensor } from './contract.js';

if (endianness() !== 'LE') throw new Error('the runtime speaks little-endian floats, this machine does not');

export const toWireTensor = ({ shape, data }: Tensor): WireTensor => ({
  shape,
  float32Le: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
});

/** Copied: the bytes of a message need not be aligned to four. */
export function fromWireTensor({ shape, float32Le }: WireTensor): Tensor {
  const bytes = Uint8Array.from(float32Le);
  return { shape: [...shape], data: new Float32Array(bytes.buffer) };
}

export const toWirePicture = ({ rgb, widthPx, heightPx }: RgbImage): WirePicture => ({
  size: { widthPx, heightPx },
  rgb,
});

export function fromWirePicture({ size, rgb }: WirePicture): RgbImage {
  return { widthPx: size?.widthPx ?? 0, heightPx: size?.heightPx ?? 0, rgb: Uint8Array.from(rgb) };
}

export function toWireRequest(request: DenoiseRequest, reportSteps: boolean): object {
  const { task, plans, references, size, seed, steps, guidance, resume } = request;
  return {
    task,
    // Half of a surrogate pair has no UTF-8 form: it is read as U+FFFD, as everywhere else in the system.
    captions: plans.map(({ caption }) => caption.toWellFormed()),
    references: references.map(({ kv, role, weight }) => ({ kv: toWireTensor(kv), role, weight })),
    size,
    seed,
    steps,
    guidance,
    reportSteps,
    ...(resume ? { resume: { ...resume, latents: resume.latents.map(toWireTensor) } } : {}),
  };
}
