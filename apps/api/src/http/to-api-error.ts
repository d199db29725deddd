import { GenerationError } from '@atelier/generation';
import { BlobStoreUnavailableError, ListCursorError, StoreUnavailableError } from '@atelier/ports';
import { HttpException } from '@nestjs/common';
import { ApiError } from './api-error.js';

/** Fastify's codes that mean a client's mistake, by what the catalogue calls them. */
const FRAMEWORK_CODES: Readonly<Record<string, ConstructorParameters<typeof ApiError>[0]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_parameter',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

/** Stores that went away are mostly back within seconds. */
const RETRY_SOON = { 'retry-after': '2' };

/** Any thrown value as an error of the catalogue. What nobody foresaw is `internal_error` and says nothing of its cause. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof GenerationError) {
    const param = error.code === 'idempotency_key_reused' ? 'Idempotency-Key' : error.param;
    return new ApiError(error.code, {
      message: error.message,
      ...(param === null ? {} : { param }),
      ...('retryAfterMs' in error && typeof error.retryAfterMs === 'number'
        ? { headers: { 'retry-after': String(Math.ceil(error.retryAfterMs / 1_000)) } }
        : {}),
    });
  }
  if (error instanceof ListCursorError)
    return new ApiError('invalid_parameter', { param: 'cursor', message: '"cursor" is not a cursor of this list.' });
  if (error instanceof StoreUnavailableError) return new ApiError('store_unavailable', { headers: RETRY_SOON });
  if (error instanceof BlobStoreUnavailableError)
    return new ApiError('blob_store_unavailable', { headers: RETRY_SOON });
  const { code, statusCode } =
    error instanceof HttpException
      ? { code: undefined, statusCode: error.getStatus() }
      : ((error ?? {}) as { code?: unknown; statusCode?: unknown });
  const known = typeof code === 'string' ? FRAMEWORK_CODES[code] : undefined;
  if (known) return new ApiError(known);
  if (statusCode === 413) return new ApiError('body_too_large');
  if (statusCode === 415) return new ApiError('unsupported_media_type');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ApiError('invalid_parameter', { message: 'The request is malformed.' });
  }
  return new ApiError('internal_error');
}
