import { ERRORS, isErrorCode, type PublicError, type Stage, type StageError } from '@atelier/contracts';
import { ApiError } from '../http/api-error.js';

/** What a caller may see of a failure: operator detail stays behind. */
export const publicErrorOf = (error: StageError | null, stage: Stage | null): PublicError | null =>
  error && {
    code: error.code,
    message: error.message,
    retryable: isErrorCode(error.code) ? ERRORS[error.code].retryable : error.class !== 'invalid',
    stage,
  };

/** The error answer of a request that waited for a job which then failed. */
export const apiErrorOf = (error: StageError | null, stage: Stage | null, job: string): ApiError =>
  new ApiError(error && isErrorCode(error.code) ? error.code : 'generation_failed', {
    ...(error ? { message: error.message } : {}),
    ...(stage ? { stage } : {}),
    job,
  });
