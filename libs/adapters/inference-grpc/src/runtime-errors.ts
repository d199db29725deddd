import { InferenceInputError, InferenceMemoryError } from '@atelier/ports';
import { type ServiceError, status } from '@grpc/grpc-js';

/** Thrown when the runtime's process or the connection to it ended under a call: another try may succeed. */
export class RuntimeLostError extends Error {
  override readonly name = 'RuntimeLostError';
}

/** Thrown when the runtime answered with a fault of its own. */
export class RuntimeFaultError extends Error {
  override readonly name = 'RuntimeFaultError';
}

/** Thrown when the runtime cannot be started with this configuration: no restart can mend it. */
export class RuntimeUnusableError extends Error {
  override readonly name = 'RuntimeUnusableError';
}

export const abortError = (): DOMException => new DOMException('the denoise was aborted', 'AbortError');

/** The error class that stands for a status of the contract. */
export function fromStatus(error: ServiceError): Error {
  const options = { cause: error };
  switch (error.code) {
    case status.INVALID_ARGUMENT:
      return new InferenceInputError(error.details, options);
    case status.RESOURCE_EXHAUSTED:
      return new InferenceMemoryError(error.details, options);
    case status.UNAVAILABLE:
    case status.CANCELLED:
    case status.DEADLINE_EXCEEDED:
      return new RuntimeLostError(error.details, options);
    default:
      return new RuntimeFaultError(error.details, options);
  }
}

export const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && 'details' in error;
