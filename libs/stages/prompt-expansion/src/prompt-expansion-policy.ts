import type { StagePolicy } from '@atelier/stage-runner';
import { expandPrompt } from './expand-prompt.js';
import { lexiconOf } from './lexicon/lexicon.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * The prompt-expansion stage: pure computation, no blobs, no engine. Errors: PromptNotDrawableError (class `invalid`).
 * The lexicon is built here, at start, so that the first request does not pay for it.
 */
export function promptExpansionPolicy(options: { readonly vocabulary: Vocabulary }): StagePolicy<'prompt-expansion'> {
  lexiconOf(options.vocabulary);
  return {
    stage: 'prompt-expansion',
    execute: async (input) => expandPrompt(input, options.vocabulary),
  };
}
