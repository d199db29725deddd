import { createDenoisingPolicy } from '@atelier/stage-denoising';
import type { StageProgram } from '../worker-process.js';

export const program: StageProgram = {
  stage: 'denoising',
  computes: true,
  policy: (parts) => createDenoisingPolicy(parts),
  warmUp: async (inference) => {
    if ('warmUp' in inference) await (inference as { warmUp(): Promise<void> }).warmUp();
  },
};
