import { createScoringPolicy } from '@atelier/stage-scoring';
import { blankImage } from '../blank-image.js';
import type { StageProgram } from '../worker-process.js';

export const program: StageProgram = {
  stage: 'scoring',
  computes: true,
  policy: ({ inference, blobs }) => createScoringPolicy({ inference, blobs }),
  warmUp: async (inference) => {
    const { defaultSize } = inference.describe().manifest;
    await inference.score(blankImage(defaultSize), { objects: [], relations: [], absent: [] });
  },
};
