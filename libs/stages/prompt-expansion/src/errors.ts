/**
 * Thrown when a prompt leaves nothing to draw: no concept of the vocabulary and no place. Trying again cannot help,
 * so the stage fails with the class and the public code given here.
 */
export class PromptNotDrawableError extends Error {
  override readonly name = 'PromptNotDrawableError';
  readonly errorClass = 'invalid';
  readonly code = 'prompt_not_drawable';
  constructor(
    readonly promptIndex: number,
    /** Words that were understood as things but are not in the vocabulary. */
    readonly unknownWords: readonly string[],
  ) {
    super(
      unknownWords.length > 0
        ? `Nothing in the prompt is in the vocabulary of this model (not known: ${unknownWords.slice(0, 8).join(', ')}).`
        : 'Nothing in the prompt is in the vocabulary of this model.',
    );
  }
}
