import { BlobStoreUnavailableError } from '@atelier/ports';
import { S3ServiceException } from '@aws-sdk/client-s3';

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

/** The condition of the request did not hold, or a request beside it was quicker. */
export const isLostRace = (error: unknown): boolean => [409, 412].includes(statusOf(error) ?? 0);

export const isUnsatisfiableRange = (error: unknown): boolean => statusOf(error) === 416;

export const isBucketThere = (error: unknown): boolean =>
  error instanceof S3ServiceException && ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(error.name);

/** Answers that say "not now", among them a full disk; any other status is an answer to the request itself. */
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504, 507]);

/** Without an answer of the server, or with one that a later try may change. */
export const asStoreError = (error: unknown): unknown => {
  const status = statusOf(error);
  const isPassing = status === undefined ? isNetworkError(error) : PASSING_STATUS.has(status);
  if (!isPassing) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return new BlobStoreUnavailableError(`the object store is not available: ${reason}`, { cause: error });
};

const NETWORK_CODE = /^(E[A-Z]+|UND_ERR_.*|ECONN.*)$/;

const isNetworkError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && NETWORK_CODE.test(code)) return true;
  return error.name === 'TimeoutError' || error.name === 'AbortError' || /socket hang up|aborted/.test(error.message);
};
