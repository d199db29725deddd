import { randomBytes } from 'node:crypto';

/** `req_` and 20 hexadecimal digits; on every answer as `x-request-id` and in every error body. */
export const newRequestId = (): string => `req_${randomBytes(10).toString('hex')}`;
