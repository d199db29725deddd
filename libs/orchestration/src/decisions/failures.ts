import { ERRORS, isErrorCode, type StageError } from '@atelier/contracts';
import type { StageRun } from '@atelier/ports';

/** Where an end has no cause on record: it should never be read. */
export const INTERNAL_FAILURE: StageError = {
  class: 'transient',
  code: 'internal_error',
  message: 'Something went wrong on our side.',
};

/** What the caller may read of an error; `detail` stays with the operators. */
export const publicError = (error: StageError): { code: string; message: string; class: string } => ({
  code: isErrorCode(error.code) ? error.code : 'generation_failed',
  message: error.message,
  class: error.class,
});

/** The stages that only read the request found it at fault: it could never be served. */
export const isRequestsFault = ({ error }: StageRun): boolean =>
  error !== null && error.class === 'invalid' && isErrorCode(error.code) && ERRORS[error.code].status < 500;
