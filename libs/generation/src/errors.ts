import { ERRORS, type ErrorCode } from '@atelier/contracts';
import type { AdmissionBound } from '@atelier/domain';

/** A use case was refused. `code` is the public answer; `message` may add what exactly was wrong. */
export abstract class GenerationError extends Error {
  abstract readonly code: ErrorCode;
  constructor(
    message: string,
    /** Name of the request's field at fault, as a client writes it. */
    readonly param: string | null = null,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Thrown when the weights were not trained for the task, or do not know it. */
export class UnsupportedTaskError extends GenerationError {
  readonly code = 'unsupported_task';
  constructor(
    readonly task: string,
    readonly trainedTasks: readonly string[],
  ) {
    super(`The task "${task}" is not supported by the shipped weights; trained: ${trainedTasks.join(', ')}.`, 'task');
  }
}

/** Thrown when the size is none of the manifest's; `chooseSize` of the domain finds the nearest one beforehand. */
export class UnsupportedSizeError extends GenerationError {
  readonly code = 'unsupported_size';
  constructor(readonly sizes: readonly string[]) {
    super(`${ERRORS.unsupported_size.sentence} Supported: ${sizes.join(', ')}.`, 'size');
  }
}

/** Thrown when a field of the request asks for something that the weights cannot do. */
export class UnsupportedFeatureError extends GenerationError {
  readonly code = 'unsupported_feature';
}

/** Thrown when a value is outside the limits of the manifest. */
export class InvalidParameterError extends GenerationError {
  readonly code = 'invalid_parameter';
}

/** Thrown when the request names a model other than the loaded one. */
export class ModelNotFoundError extends GenerationError {
  readonly code = 'model_not_found';
  constructor(readonly model: string) {
    super(`The model "${model}" does not exist.`, 'model');
  }
}

/** Thrown when a tenant uses an idempotency key again with another request. */
export class IdempotencyKeyReusedError extends GenerationError {
  readonly code = 'idempotency_key_reused';
  constructor() {
    super(ERRORS.idempotency_key_reused.sentence);
  }
}

/** Thrown when the tenant, or the platform, has as much unfinished work as it is set to accept. */
export class QueueFullError extends GenerationError {
  readonly code = 'queue_full';
  constructor(
    readonly bound: AdmissionBound,
    readonly limit: number,
    /** When the same request is expected to be taken. */
    readonly retryAfterMs: number,
    /** When the request would be done if it were taken now. */
    readonly estimateMs: number,
  ) {
    const own = bound === 'maxJobsPerTenant' || bound === 'maxRemainingMsPerTenant';
    const most = bound.startsWith('maxJobs') ? `${limit} unfinished jobs` : `${limit / 1_000} s of unfinished work`;
    const refusal = own
      ? `You have as many unfinished jobs as one tenant may have (${most}); try again later.`
      : ERRORS.queue_full.sentence;
    super(`${refusal} Accepted now, this one would be done in about ${Math.max(1, Math.ceil(estimateMs / 1_000))} s.`);
  }
}

/** Thrown while no live worker could take the request. */
export class NoWorkerError extends GenerationError {
  readonly code = 'no_worker';
  constructor(readonly retryAfterMs: number) {
    super(ERRORS.no_worker.sentence);
  }
}

/** Thrown when there is no such generation, also when it is another tenant's. */
export class GenerationNotFoundError extends GenerationError {
  readonly code = 'job_not_found';
  constructor() {
    super(ERRORS.job_not_found.sentence);
  }
}
