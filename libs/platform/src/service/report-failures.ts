import type { Logger } from '../logging/logger.js';

/**
 * Logs what no caller waits for. A request that a stage refuses is the caller's affair: only its code is noted, for its
 * sentence may quote the prompt. Everything else is an operator's.
 */
export const reportFailuresTo =
  (logger: Logger) =>
  (error: unknown, where: string): void => {
    const { errorClass, code } = (error ?? {}) as { errorClass?: unknown; code?: unknown };
    if (errorClass === 'invalid') logger.info({ code, where }, 'a stage refused its input');
    else logger.error({ err: error, where }, 'unexpected failure');
  };
