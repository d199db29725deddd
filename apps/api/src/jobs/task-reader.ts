import { EditNotUnderstoodError, taskOf, type Vocabulary } from '@atelier/stage-prompt-expansion';
import { ApiError } from '../http/api-error.js';

/** Which of the tasks a sentence asks for; null where it asks for none of them. */
export type TaskReader = (sentence: string, tasks: readonly string[]) => string | null;

/** Reads sentences as prompt expansion does. Errors: `edit_not_understood` for one that can be read as two tasks. */
export const taskReader =
  (vocabulary: Vocabulary): TaskReader =>
  (sentence, tasks) => {
    try {
      return taskOf(sentence, vocabulary, tasks)?.task ?? null;
    } catch (error) {
      if (!(error instanceof EditNotUnderstoodError)) throw error;
      throw new ApiError('edit_not_understood', { param: 'prompt', message: error.publicMessage });
    }
  };
