import type { Inference } from '@atelier/ports';
import type { StagePolicy } from '@atelier/stage-runner';
import { expandPrompt } from './expand-prompt.js';
import { lexiconOf } from './lexicon/lexicon.js';
import type { CaptionBudget } from './scenes/expand-story.js';
import type { Vocabulary } from './vocabulary.js';

export interface PromptExpansionPolicyOptions {
  readonly vocabulary: Vocabulary;
  /** Counts the tokens of a story's captions, which are kept within what the weights take. Absent: no bound. */
  readonly engine?: Pick<Inference, 'describe' | 'countTokens'>;
}

/**
 * The prompt-expansion stage: pure computation, no blobs, no engine. Errors: PromptNotDrawableError (class `invalid`).
 * The lexicon is built here, at start, so that the first request does not pay for it.
 */
export function promptExpansionPolicy({
  vocabulary,
  engine,
}: PromptExpansionPolicyOptions): StagePolicy<'prompt-expansion'> {
  lexiconOf(vocabulary);
  const budget: CaptionBudget | null = engine
    ? {
        maxTextTokens: engine.describe().manifest.limits.maxTextTokens,
        countTokens: (text) => engine.countTokens(text),
      }
    : null;
  return {
    stage: 'prompt-expansion',
    execute: async (input) => expandPrompt(input, vocabulary, budget),
  };
}
