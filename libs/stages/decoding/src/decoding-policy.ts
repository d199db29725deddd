import { decodeSafetensors, tensorNamed } from '@atelier/contracts';
import { type BlobStore, type CrashPoints, type Inference, NO_CRASH_POINTS } from '@atelier/ports';
import type { StagePolicy } from '@atelier/stage-runner';
import { CONTENT_TYPES, encodeImageFile } from './image-file.js';
import { withOverlay } from './overlay.js';

export interface DecodingPolicyOptions {
  readonly inference: Inference;
  readonly blobs: BlobStore;
  readonly crashPoints?: CrashPoints;
}

/** Turns the latents of one output into an image file that tells how it was drawn. */
export function createDecodingPolicy(options: DecodingPolicyOptions): StagePolicy<'decoding'> {
  const { inference, blobs, crashPoints = NO_CRASH_POINTS } = options;
  return {
    stage: 'decoding',
    async execute(input, { blobPrefix, signal }) {
      const latents = tensorNamed(decodeSafetensors(await blobs.get(input.latents.key)), `output.${input.outputIndex}`);
      signal.throwIfAborted();
      const drawing = await inference.decode(latents, input.size);
      const picture = input.overlay ? await withOverlay(drawing, await blobs.get(input.overlay.key)) : drawing;
      const bytes = await encodeImageFile(picture, input.outputFormat, input.provenance);
      signal.throwIfAborted();
      const image = await blobs.put(`${blobPrefix}/image.${input.outputFormat}`, bytes, {
        contentType: CONTENT_TYPES[input.outputFormat],
      });
      crashPoints.reach('worker.after-blob');
      const { sampleIndex, candidateIndex, outputIndex } = input;
      const { widthPx, heightPx } = picture;
      return { sampleIndex, candidateIndex, outputIndex, image, widthPx, heightPx };
    },
  };
}
