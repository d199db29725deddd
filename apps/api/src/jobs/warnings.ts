import type { ErrorCode, Warning } from '@atelier/contracts';
import { ApiError } from '../http/api-error.js';

/** Collects what the caller should know; in strict mode the first thing worth knowing is the error. */
export class Warnings {
  readonly list: Warning[] = [];

  constructor(private readonly strict: boolean) {}

  /** @param strictCode the error that a strict caller gets instead */
  add(code: string, strictCode: ErrorCode, param: string, message: string): void {
    if (this.strict) throw new ApiError(strictCode, { param, message });
    this.list.push({ code, message, param });
  }
}
