import type { ErrorCode } from '@atelier/contracts';
import type { z } from 'zod';
import { ApiError } from './api-error.js';

type Issue = z.core.$ZodIssue;

/** Parses or throws the error of the first issue; `source` names where the field is, for the sentence. */
export function parseOr400<T>(schema: z.ZodType<T>, value: unknown, source: 'body' | 'query' | 'path'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw errorOfIssue(firstIssue(result.error.issues), source, value);
}

/** Missing fields first: a caller who forgot the prompt should not be told about something else. */
const firstIssue = (issues: readonly Issue[]): Issue => issues.find(isMissing) ?? (issues[0] as Issue);

const isMissing = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.input === undefined;

function errorOfIssue(issue: Issue, source: string, value: unknown): ApiError {
  const param = issue.path.map(String).join('.');
  if (param === '') {
    return new ApiError('invalid_parameter', { message: `The ${source} must be an object: ${issue.message}.` });
  }
  const code = codeOfIssue(issue, value);
  const message = code === 'missing_parameter' ? `"${param}" is required.` : `"${param}": ${issue.message}.`;
  return new ApiError(code, code === 'prompt_too_long' ? { param } : { param, message });
}

function codeOfIssue(issue: Issue, value: unknown): ErrorCode {
  const [field] = issue.path;
  const given = (value as Record<string, unknown> | null)?.[String(field)];
  if (given === undefined) return 'missing_parameter';
  if ((field === 'prompt' || field === 'negative_prompt') && issue.code === 'too_big') return 'prompt_too_long';
  if (field === 'stream') return 'unsupported_feature';
  return 'invalid_parameter';
}
