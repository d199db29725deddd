import type { ErrorBody } from '@atelier/contracts';

type ErrorFields = ErrorBody['error'];

/** Base of everything this client throws on purpose. */
export class AtelierError extends Error {
  override readonly name: string = 'AtelierError';
}

/** Thrown when no HTTP answer arrived: refused, reset, name not resolved, aborted by a time-out. */
export class ConnectionError extends AtelierError {
  override readonly name = 'ConnectionError';
  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(`no answer from ${url}: ${causeText(cause)}`, { cause });
  }
}

/** Thrown when an answer is not what the API promises: HTML from a proxy, a broken event. */
export class ProtocolError extends AtelierError {
  override readonly name = 'ProtocolError';
}

/** Thrown for an error answer; `code` is one of the public catalogue. */
export class ApiError extends AtelierError {
  override readonly name: string = 'ApiError';
  readonly code: string;
  readonly type: string;
  readonly param: string | null;
  readonly retryable: boolean;
  readonly stage: ErrorFields['stage'];
  readonly doc: string;
  readonly requestId: string;
  /** Id of the job that the error speaks about; it may have pictures although the request failed. */
  readonly job: string | undefined;

  constructor(
    readonly status: number,
    fields: ErrorFields,
    /** From `Retry-After`; undefined when the server named no time. */
    readonly retryAfterMs?: number,
  ) {
    super(fields.message);
    this.code = fields.code;
    this.type = fields.type;
    this.param = fields.param;
    this.retryable = fields.retryable;
    this.stage = fields.stage;
    this.doc = fields.doc;
    this.requestId = fields.request_id;
    this.job = fields.job;
  }
}

/** 400, 405, 413, 415, 422: the request can never succeed as it is. */
export class BadRequestError extends ApiError {
  override readonly name = 'BadRequestError';
}

/** 401 or 403: no key, a wrong key, or an expired link. */
export class AuthenticationError extends ApiError {
  override readonly name = 'AuthenticationError';
}

/** 404: the resource does not exist, or belongs to another tenant. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 409: the job is in a state that does not allow this. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

/** 429: the queue is full; `retryAfterMs` says when to come back. */
export class QueueFullError extends ApiError {
  override readonly name = 'QueueFullError';
}

/** 5xx: the platform failed; `retryable` says whether trying again may help. */
export class ServerError extends ApiError {
  override readonly name = 'ServerError';
}

const classOf = (status: number): typeof ApiError => {
  if (status === 401 || status === 403) return AuthenticationError;
  if (status === 404) return NotFoundError;
  if (status === 409) return ConflictError;
  if (status === 429) return QueueFullError;
  return status >= 500 ? ServerError : BadRequestError;
};

/** Reads an error answer; a body that is not the API's own becomes an error that still names status and request. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const retryAfter = Number(response.headers.get('retry-after'));
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : undefined;
  return new (classOf(response.status))(response.status, errorFields(text, response), retryAfterMs);
}

function errorFields(text: string, response: Response): ErrorFields {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody>;
    if (typeof body.error?.message === 'string' && typeof body.error.code === 'string') return body.error;
  } catch {
    // Falls through: a proxy's HTML, an empty body.
  }
  return {
    message: `HTTP ${response.status} ${response.statusText}`.trim(),
    type: 'server_error',
    code: 'unexpected_response',
    param: null,
    retryable: response.status >= 500,
    stage: null,
    doc: '',
    request_id: response.headers.get('x-request-id') ?? '',
  };
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // fetch hides the reason ("ECONNREFUSED") one level down.
  return cause.cause instanceof Error ? cause.cause.message || cause.message : cause.message;
}
