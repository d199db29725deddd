/**
 * Catalogue of every error a caller can see: code, HTTP status, OpenAI-style type, whether trying again may help,
 * and the sentence. What an operator needs beyond that (`detail`) never leaves the platform.
 */
export interface ErrorDefinition {
  readonly status: number;
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'not_found_error'
    | 'conflict_error'
    | 'rate_limit_error'
    | 'server_error'
    | 'image_generation_error';
  readonly retryable: boolean;
  readonly sentence: string;
}

const bad = (sentence: string): ErrorDefinition => ({
  status: 400,
  type: 'invalid_request_error',
  retryable: false,
  sentence,
});

export const ERRORS = {
  invalid_json: bad('The body is not valid JSON.'),
  invalid_parameter: bad('A parameter has a value that is not allowed.'),
  missing_parameter: bad('A required parameter is missing.'),
  unknown_parameter: bad('A parameter is unknown.'),
  unsupported_size: bad('The size is not supported by this model.'),
  unsupported_task: bad('The shipped weights were not trained for this task.'),
  unsupported_feature: bad('This feature is not supported by the shipped weights.'),
  unsupported_media_type: { ...bad('The content type is not supported.'), status: 415 },
  prompt_too_long: bad('The prompt is longer than 10,000 characters.'),
  prompt_empty: bad('The prompt is empty.'),
  prompt_not_drawable: bad('Nothing in the prompt is in the vocabulary of this model.'),
  edit_not_understood: bad('The edit cannot be read as one that these weights know.'),
  invalid_image: bad('The image could not be read: only PNG, JPEG, WebP and AVIF are accepted.'),
  image_too_large: { ...bad('The image is larger than 30 MB or 64 megapixels.'), status: 413 },
  body_too_large: { ...bad('The body is too large.'), status: 413 },
  model_not_found: { status: 404, type: 'not_found_error', retryable: false, sentence: 'The model does not exist.' },
  unauthorized: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    sentence: 'The API key is missing or wrong.',
  },
  not_found: { status: 404, type: 'not_found_error', retryable: false, sentence: 'There is no such resource.' },
  job_not_found: { status: 404, type: 'not_found_error', retryable: false, sentence: 'There is no such job.' },
  image_not_found: { status: 404, type: 'not_found_error', retryable: false, sentence: 'There is no such image.' },
  link_expired: {
    status: 403,
    type: 'authentication_error',
    retryable: false,
    sentence: 'The link is expired or its signature is wrong.',
  },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    retryable: false,
    sentence: 'The method is not allowed here.',
  },
  job_finished: { status: 409, type: 'conflict_error', retryable: false, sentence: 'The job has already finished.' },
  idempotency_key_reused: {
    status: 422,
    type: 'invalid_request_error',
    retryable: false,
    sentence: 'The idempotency key was used with another request.',
  },
  queue_full: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    sentence: 'The queue is full; try again later.',
  },
  job_canceled: { status: 409, type: 'conflict_error', retryable: false, sentence: 'The job was canceled.' },
  deadline_exceeded: {
    status: 504,
    type: 'server_error',
    retryable: true,
    sentence: 'The job was not finished before its deadline.',
  },
  generation_failed: {
    status: 500,
    type: 'image_generation_error',
    retryable: true,
    sentence: 'No picture could be drawn.',
  },
  out_of_memory: {
    status: 500,
    type: 'image_generation_error',
    retryable: true,
    sentence: 'The picture does not fit into the memory of the worker.',
  },
  worker_lost: {
    status: 500,
    type: 'image_generation_error',
    retryable: true,
    sentence: 'The workers that ran this job were lost.',
  },
  not_ready: { status: 503, type: 'server_error', retryable: true, sentence: 'The service is starting.' },
  no_worker: { status: 503, type: 'server_error', retryable: true, sentence: 'No live worker can serve this request.' },
  store_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    sentence: 'The database cannot be reached; try again later.',
  },
  blob_store_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    sentence: 'The store of pictures cannot be reached; try again later.',
  },
  internal_error: { status: 500, type: 'server_error', retryable: true, sentence: 'Something went wrong on our side.' },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
