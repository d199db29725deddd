import { z } from 'zod';
import { defineRoute } from '../../http/route.js';

export const healthz = defineRoute({
  method: 'GET',
  path: '/healthz',
  operationId: 'healthz',
  tag: 'Service',
  summary: 'Whether the process answers',
  auth: 'none',
  answers: { 200: { description: 'Alive.', schema: z.object({ status: z.literal('alive') }) } },
  errors: [],
  handle: async () => ({ status: 200, json: { status: 'alive' } }),
});
