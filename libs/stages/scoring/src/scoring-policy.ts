import type { DecodedImage, Facts, ScoringAnswer } from '@atelier/contracts';
import type { BlobStore, Inference, RgbImage } from '@atelier/ports';
import type { StagePolicy } from '@atelier/stage-runner';
import sharp from 'sharp';

export interface ScoringPolicyOptions {
  readonly inference: Inference;
  readonly blobs: BlobStore;
}

/** Asks the engine's checker whether each picture shows what was asked; the best candidate of a sample is kept by it. */
export function createScoringPolicy({ inference, blobs }: ScoringPolicyOptions): StagePolicy<'scoring'> {
  return {
    stage: 'scoring',
    async execute({ sampleIndex, candidateIndex, images, facts }, { signal }) {
      const answers: ScoringAnswer[] = [];
      for (const [position, image] of images.entries()) {
        signal.throwIfAborted();
        const asked = facts[position] ?? NOTHING_ASKED;
        if (!isAnythingAsked(asked)) continue;
        const picture = await readPicture(blobs, image);
        const found = await inference.score(picture, asked);
        answers.push(...found.map((answer) => ({ ...answer, outputIndex: image.outputIndex })));
      }
      return { sampleIndex, candidateIndex, score: meanConfidence(answers), answers };
    },
  };
}

const NOTHING_ASKED: Facts = { objects: [], relations: [], absent: [] };

/** Place, time and style are not asked about: only objects, their colours, relations and absences are. */
const isAnythingAsked = ({ objects, relations, absent }: Facts): boolean =>
  objects.length + relations.length + absent.length > 0;

async function readPicture(blobs: BlobStore, { image }: DecodedImage): Promise<RgbImage> {
  const { data, info } = await sharp(await blobs.get(image.key))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, widthPx: info.width, heightPx: info.height };
}

const meanConfidence = (answers: readonly ScoringAnswer[]): number | null =>
  answers.length === 0 ? null : answers.reduce((sum, { confidence }) => sum + confidence, 0) / answers.length;
