import { ERRORS } from '@atelier/contracts';
import { BlobStoreUnavailableError, InferenceInputError, InferenceMemoryError } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { StageFailure, toStageError } from './stage-failure.js';

/** An error class of a policy, as prompt expansion has them. */
class UnknownWordsError extends Error {
  readonly errorClass = 'invalid';
  readonly code = 'prompt_not_drawable';
  readonly publicMessage = 'Nothing is known (not known: wug).';
}

describe('the error of a run', () => {
  it.each([
    [new StageFailure('invalid', 'invalid_image', 'cut off'), 'invalid', 'invalid_image'],
    [new InferenceMemoryError('full'), 'out-of-memory', 'out_of_memory'],
    [new InferenceInputError('seed'), 'invalid', 'invalid_parameter'],
    [new BlobStoreUnavailableError('full'), 'transient', 'blob_store_unavailable'],
    [new Error('the disk is gone'), 'transient', 'generation_failed'],
  ] as const)('%s tells the caller the sentence of its code, the operator the cause', (error, errorClass, code) => {
    const { message, detail, ...rest } = toStageError(error);
    expect(rest).toEqual({ class: errorClass, code });
    expect(message).toBe(ERRORS[code].sentence);
    expect(detail).toContain(error.message);
  });

  it('tells the caller what its class has to say to him', () => {
    expect(toStageError(new UnknownWordsError('internal'))).toMatchObject({
      code: 'prompt_not_drawable',
      message: 'Nothing is known (not known: wug).',
    });
  });
});
