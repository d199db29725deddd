import { ERRORS, type ErrorBody, type ErrorCode, type ErrorDefinition, type Stage } from '@atelier/contracts';

export interface ApiErrorOptions {
  /** Public sentence; the catalogue's own when absent. */
  readonly message?: string;
  /** The field of the request that is to blame. */
  readonly param?: string;
  readonly stage?: Stage;
  /** Job that exists although the request failed. */
  readonly job?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers to answer with an error of the public catalogue. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly definition: ErrorDefinition;

  constructor(
    readonly code: ErrorCode,
    readonly options: ApiErrorOptions = {},
  ) {
    super(options.message ?? ERRORS[code].sentence);
    this.definition = ERRORS[code];
  }
}

/** The body of an error answer: OpenAI's four fields, then what a program needs to decide what to do next. */
export const errorBody = (error: ApiError, requestId: string, origin: string): ErrorBody => ({
  error: {
    message: error.message,
    type: error.definition.type,
    code: error.code,
    param: error.options.param ?? null,
    retryable: error.definition.retryable,
    stage: error.options.stage ?? null,
    doc: `${origin}/docs#error-${error.code}`,
    request_id: requestId,
    ...(error.options.job ? { job: error.options.job } : {}),
  },
});
