import { GenerationState, JobList } from '@atelier/contracts';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { jobForCaller } from '../find-job.js';

const epochMs = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

export const listJobs = defineRoute({
  method: 'GET',
  path: '/v1/jobs',
  operationId: 'listJobs',
  tag: 'Jobs',
  summary: 'List jobs, newest first',
  auth: 'tenant',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    /** `next_cursor` of the page before. */
    cursor: z.string().min(1).max(200).optional(),
    status: GenerationState.optional(),
    /** Epoch milliseconds, exclusive. */
    created_after: epochMs.optional(),
    created_before: epochMs.optional(),
  }),
  answers: { 200: { description: 'A page of jobs.', schema: JobList } },
  errors: ['invalid_parameter'],
  async handle(context) {
    const { limit, cursor, status, created_after, created_before } = context.query;
    const page = await context.deps.store.list(context.tenantId, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(status === undefined ? {} : { state: status }),
      ...(created_after === undefined ? {} : { createdAfter: created_after }),
      ...(created_before === undefined ? {} : { createdBefore: created_before }),
    });
    const data = await Promise.all(page.generations.map((aggregate) => jobForCaller(context, aggregate)));
    return { status: 200, json: { object: 'list', data, next_cursor: page.nextCursor } };
  },
});
