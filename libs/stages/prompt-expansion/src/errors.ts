import type { Vocabulary } from './vocabulary.js';

const MAX_NAMED = 60;

/**
 * Thrown when a prompt leaves nothing to draw: no concept of the vocabulary and no place. Trying again cannot help,
 * so the stage fails with the class and the public code given here. The message is for the caller.
 */
export class PromptNotDrawableError extends Error {
  override readonly name = 'PromptNotDrawableError';
  readonly errorClass = 'invalid';
  readonly code = 'prompt_not_drawable';
  readonly publicMessage: string;
  constructor(
    readonly promptIndex: number,
    /** Words that were understood as things but are not in the vocabulary. */
    readonly unknownWords: readonly string[],
  ) {
    const known = unknownWords.slice(0, 8).map((word) => (word.length > 40 ? `${word.slice(0, 39)}…` : word));
    super(
      known.length > 0
        ? `Nothing in the prompt is in the vocabulary of this model (not known: ${known.join(', ')}).`
        : 'Nothing in the prompt is in the vocabulary of this model.',
    );
    this.publicMessage = this.message;
  }
}

/** What can be said to a task, for the sentence of a refusal. */
export interface EditHint {
  /** `Say one thing, as in "remove the dog".` */
  readonly say: string;
  readonly lists: readonly ('things' | 'colours' | 'places' | 'times' | 'styles')[];
}

/**
 * Thrown when an instruction cannot be read as an edit that the weights know, or as two different ones. The message is
 * for the caller and says what can be said.
 */
export class EditNotUnderstoodError extends Error {
  override readonly name = 'EditNotUnderstoodError';
  readonly errorClass = 'invalid';
  readonly code = 'edit_not_understood';
  readonly publicMessage: string;
  constructor(
    readonly promptIndex: number,
    readonly reason: string,
    hint: EditHint,
    vocabulary: Vocabulary,
  ) {
    const words = {
      things: vocabulary.concepts.map(({ name }) => name),
      colours: vocabulary.colours.map(({ id }) => id),
      places: vocabulary.places.map(({ id }) => id),
      times: vocabulary.times.map(({ id }) => id),
      styles: vocabulary.styles.map(({ id }) => id),
    };
    const lists = hint.lists.map((list) => ` ${list[0]!.toUpperCase()}${list.slice(1)}: ${named(words[list])}.`);
    super(`The edit cannot be read: ${reason}. ${hint.say}${lists.join('')}`);
    this.publicMessage = this.message;
  }
}

const named = (words: readonly string[]): string =>
  words.length > MAX_NAMED
    ? `${words.slice(0, MAX_NAMED).join(', ')} and ${words.length - MAX_NAMED} more`
    : words.join(', ');
