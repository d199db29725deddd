import { decodeSafetensors, encodeSafetensors, SafetensorsError, tensorNamed } from '@atelier/contracts';
import type { DenoiseState, Tensor } from '@atelier/ports';

/** Latents of all outputs as one safetensors object: tensors `output.0`, `output.1` ... [rows, columns, channels]. */
export function encodeLatents(latents: readonly Tensor[], metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors({
    metadata,
    tensors: latents.map(({ shape, data }, output) => ({ name: `output.${output}`, shape, data })),
  });
}

export const encodeCheckpoint = ({ step, engineFingerprint, latents }: DenoiseState): Uint8Array =>
  encodeLatents(latents, { step: String(step), engineFingerprint });

/** @throws SafetensorsError for a torn object and for one that is not a checkpoint */
export function decodeCheckpoint(bytes: Uint8Array): DenoiseState {
  const file = decodeSafetensors(bytes);
  const { step, engineFingerprint } = file.metadata;
  if (!step || !engineFingerprint) throw new SafetensorsError('the metadata of a checkpoint is missing');
  const latents = file.tensors.map((_, output) => tensorNamed(file, `output.${output}`));
  return {
    step: Number(step),
    engineFingerprint,
    latents: latents.map(({ shape, data }) => ({ shape, data })),
  };
}
