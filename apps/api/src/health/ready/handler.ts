import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';

export const readyz = defineRoute({
  method: 'GET',
  path: '/readyz',
  operationId: 'readyz',
  tag: 'Service',
  summary: 'Whether the service takes work',
  description: 'Ready once a picture was drawn through all stages at start.',
  auth: 'none',
  answers: { 200: { description: 'Ready.', schema: z.object({ status: z.literal('ready') }) } },
  errors: ['not_ready'],
  async handle({ deps }) {
    const reason = deps.notReadyBecause();
    if (reason !== null) {
      throw new ApiError('not_ready', {
        message: `The service is starting: ${reason}.`,
        headers: { 'retry-after': '1' },
      });
    }
    return { status: 200, json: { status: 'ready' } };
  },
});
