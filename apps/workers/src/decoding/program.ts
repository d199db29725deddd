import { expiringBlobs } from '@atelier/platform';
import { latentShape } from '@atelier/ports';
import { createDecodingPolicy } from '@atelier/stage-decoding';
import type { StageProgram } from '../worker-process.js';

export const program: StageProgram = {
  stage: 'decoding',
  computes: true,
  policy: ({ inference, blobs, clock, crashPoints, resultTtlMs }) =>
    createDecodingPolicy({ inference, blobs: expiringBlobs(blobs, clock, resultTtlMs), crashPoints }),
  warmUp: async (inference) => {
    const { manifest } = inference.describe();
    const shape = latentShape(manifest.defaultSize, manifest);
    const data = new Float32Array(shape.reduce((product, edge) => product * edge, 1));
    await inference.decode({ shape, data }, manifest.defaultSize);
  },
};
