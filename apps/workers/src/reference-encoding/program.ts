import { createReferenceEncodingPolicy } from '@atelier/stage-reference-encoding';
import { blankImage } from '../blank-image.js';
import type { StageProgram } from '../worker-process.js';

export const program: StageProgram = {
  stage: 'reference-encoding',
  computes: true,
  policy: (parts) => createReferenceEncodingPolicy(parts),
  warmUp: async (inference) => {
    // Weights that read no references have no encoder, and nothing to load.
    const { manifest } = inference.describe();
    if (manifest.graphs.vaeEncoder) await inference.encode(blankImage(manifest.defaultSize));
  },
};
