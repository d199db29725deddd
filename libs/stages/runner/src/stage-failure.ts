import { ERRORS, type ErrorCode, isErrorCode, type StageError, StageErrorClass } from '@atelier/contracts';
import { BlobStoreUnavailableError, InferenceInputError, InferenceMemoryError } from '@atelier/ports';

/**
 * Thrown by a policy that knows how its run failed: the class decides about a retry, the code what the caller reads. An
 * error class of a policy's own is read the same way when it has these two properties; with a third, `publicMessage`,
 * the caller reads that instead of the catalogue's sentence.
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
const PUBLIC_CHARACTERS = 2_000;

/** Classifies whatever a policy threw. What nobody classified is transient: another attempt may succeed. */
export function toStageError(error: unknown): StageError {
  const detail = describe(error).slice(0, DETAIL_CHARACTERS);
  if (isClassified(error)) {
    const { errorClass, code, publicMessage } = error;
    return stageError(errorClass, code, detail, publicMessage?.slice(0, PUBLIC_CHARACTERS));
  }
  if (error instanceof InferenceMemoryError) return stageError('out-of-memory', 'out_of_memory', detail);
  if (error instanceof BlobStoreUnavailableError) return stageError('transient', 'blob_store_unavailable', detail);
  if (error instanceof InferenceInputError || isSchemaError(error)) {
    return stageError('invalid', 'invalid_parameter', detail);
  }
  return stageError('transient', 'generation_failed', detail);
}

/** @param message for the caller. @default the catalogue's sentence */
export const stageError = (
  errorClass: StageErrorClass,
  code: ErrorCode,
  detail: string,
  message: string = ERRORS[code].sentence,
): StageError => ({ class: errorClass, code, message, detail });

type Classified = Pick<StageFailure, 'errorClass' | 'code'> & { readonly publicMessage?: string };

function isClassified(error: unknown): error is Classified {
  if (!(error instanceof Error)) return false;
  const { errorClass, code, publicMessage } = error as Partial<Classified>;
  if (publicMessage !== undefined && typeof publicMessage !== 'string') return false;
  return StageErrorClass.safeParse(errorClass).success && typeof code === 'string' && isErrorCode(code);
}

const isSchemaError = (error: unknown): boolean => error instanceof Error && error.name === 'ZodError';

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}
