import type { ReferencePreparation } from '@atelier/contracts';
import type { BlobStore, RgbImage } from '@atelier/ports';
import { StageFailure } from '@atelier/stage-runner';
import { type Hole, holeOfBox, holeOfMask, keptPixels, withHole } from './picture-hole.js';
import { edgesOf, sketchOf } from './picture-outlines.js';
import { MAX_IMAGE_BYTES } from './reference-image.js';

export interface PreparedPicture {
  readonly picture: RgbImage;
  /** PNG to be laid over the result; null where nothing of the picture comes back. */
  readonly kept: Uint8Array | null;
}

/** What the engine is to see of a picture: itself, itself with a hole, or its outlines. */
export async function preparePicture(
  picture: RgbImage,
  preparation: ReferencePreparation | undefined,
  blobs: Pick<BlobStore, 'get'>,
): Promise<PreparedPicture> {
  switch (preparation?.kind) {
    case undefined:
      return { picture, kept: null };
    case 'edges':
      return { picture: edgesOf(picture), kept: null };
    case 'sketch':
      return { picture: sketchOf(picture), kept: null };
    case 'hole': {
      const hole = await holeOf(preparation, picture, blobs);
      return { picture: withHole(picture, hole), kept: await keptPixels(picture, hole) };
    }
  }
}

async function holeOf(
  { mask, box }: Extract<ReferencePreparation, { kind: 'hole' }>,
  picture: RgbImage,
  blobs: Pick<BlobStore, 'get'>,
): Promise<Hole> {
  if (mask) {
    const bytes = await blobs.get(mask.key, { start: 0, endExclusive: Math.min(mask.bytes, MAX_IMAGE_BYTES + 1) });
    return holeOfMask(bytes, picture);
  }
  if (box) return holeOfBox(box, picture);
  throw new StageFailure('invalid', 'invalid_parameter', 'a hole needs a mask or a box');
}
