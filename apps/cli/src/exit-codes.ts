import { ApiError, BadRequestError, ConflictError, ConnectionError, NotFoundError } from '@atelier/client-sdk';

/** What the process exits with; documented in `atelier --help`. */
export const EXIT = {
  ok: 0,
  /** The platform could not draw, or something broke. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No server answers and none could be started. */
  unreachable: 3,
  /** The request can never succeed as it is: bad input, unknown id, missing key. */
  rejected: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Thrown when the command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Thrown when no server answers and none could be started. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Thrown when a job ended in another state than `succeeded`. */
export class JobEndedError extends Error {
  override readonly name = 'JobEndedError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || isParseArgsError(error)) return EXIT.usage;
  if (error instanceof UnreachableError || error instanceof ConnectionError) return EXIT.unreachable;
  if (error instanceof JobEndedError) return error.exitCode;
  if (error instanceof BadRequestError || error instanceof NotFoundError || error instanceof ConflictError) {
    return EXIT.rejected;
  }
  if (error instanceof ApiError && error.status < 500 && !error.retryable) return EXIT.rejected;
  return EXIT.failed;
}

/** `node:util` parseArgs reports every mistake with a code of its own. */
const isParseArgsError = (error: unknown): boolean =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code ?? '').startsWith('ERR_PARSE_ARGS');
