import { promptExpansionPolicy, readVocabulary } from '@atelier/stage-prompt-expansion';
import type { StageProgram } from '../worker-process.js';

/** Reads the sentence with a grammar and a vocabulary; of the engine it needs only the description of the weights. */
export const program: StageProgram = {
  stage: 'prompt-expansion',
  computes: false,
  policy: async ({ inference, weightsDir }) =>
    promptExpansionPolicy({
      vocabulary: await readVocabulary(inference.describe().manifest, weightsDir),
      engine: inference,
    }),
  warmUp: async () => undefined,
};
