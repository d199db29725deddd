import { ERRORS, type ErrorCode, isErrorCode, type StageError, StageErrorClass } from '@atelier/contracts';
import { InferenceInputError, InferenceMemoryError } from '@atelier/ports';

/**
 * Thrown by a policy that knows how its run failed: the class decides about a retry, the code what the caller reads. An
 * error class of a policy's own is read the same way when it has these two properties.
 */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
  constructor(
    readonly errorClass: StageErrorClass,
    readonly code: ErrorCode,
    /** For operators only. */
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${detail}`, options);
  }
}

const DETAIL_CHARACTERS = 8_000;

/** Classifies whatever a policy threw. What nobody classified is transient: another attempt may succeed. */
export function toStageError(error: unknown): StageError {
  const detail = describe(error).slice(0, DETAIL_CHARACTERS);
  if (isClassified(error)) return stageError(error.errorClass, error.code, detail);
  if (error instanceof InferenceMemoryError) return stageError('out-of-memory', 'out_of_memory', detail);
  if (error instanceof InferenceInputError || isSchemaError(error)) {
    return stageError('invalid', 'invalid_parameter', detail);
  }
  return stageError('transient', 'generation_failed', detail);
}

export const stageError = (errorClass: StageErrorClass, code: ErrorCode, detail: string): StageError => ({
  class: errorClass,
  code,
  message: ERRORS[code].sentence,
  detail,
});

function isClassified(error: unknown): error is Pick<StageFailure, 'errorClass' | 'code'> {
  if (!(error instanceof Error)) return false;
  const { errorClass, code } = error as Partial<StageFailure>;
  return StageErrorClass.safeParse(errorClass).success && typeof code === 'string' && isErrorCode(code);
}

const isSchemaError = (error: unknown): boolean => error instanceof Error && error.name === 'ZodError';

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}
