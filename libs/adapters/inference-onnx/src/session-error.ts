import { InferenceMemoryError } from '@atelier/ports';

/** Thrown when the thread died under a call, or a graph could not be run. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

/** How the runtime, the C++ library under it and Node say that memory ran out. */
const MEMORY_WORDS =
  /bad_alloc|out of memory|failed to allocate|smaller than requested bytes|allocation failed|ERR_WORKER_OUT_OF_MEMORY/i;

/** The runtime throws plain errors: their text is all that tells exhausted memory from a broken graph. */
export function toSessionError(message: string, cause?: unknown): SessionError | InferenceMemoryError {
  const options = cause === undefined ? undefined : { cause };
  return MEMORY_WORDS.test(message) ? new InferenceMemoryError(message, options) : new SessionError(message, options);
}
