import { GenerationState, JobList } from '@atelier/contracts';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { jobForCaller } from '../find-job.js';
import { searchJobs } from './search-jobs.js';

const epochMs = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

export const listJobs = defineRoute({
  method: 'GET',
  path: '/v1/jobs',
  operationId: 'listJobs',
  tag: 'Jobs',
  summary: 'List jobs, newest first',
  description:
    'With `query` an answer may hold fewer jobs than `limit`, even none, and still have a `next_cursor`: the search ' +
    'looks at a bounded number of jobs at a time and goes on from there.',
  auth: 'tenant',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    /** `next_cursor` of the page before. */
    cursor: z.string().min(1).max(200).optional(),
    status: GenerationState.optional(),
    /** Epoch milliseconds, exclusive. */
    created_after: epochMs.optional(),
    created_before: epochMs.optional(),
    /** Words of the prompt, the task or the id, in any order; upper and lower case are the same. */
    query: z.string().trim().min(1).max(200).optional(),
  }),
  answers: { 200: { description: 'A page of jobs.', schema: JobList } },
  errors: ['invalid_parameter'],
  async handle(context) {
    const { limit, cursor, status, created_after, created_before, query } = context.query;
    const filter = {
      ...(status === undefined ? {} : { state: status }),
      ...(created_after === undefined ? {} : { createdAfter: created_after }),
      ...(created_before === undefined ? {} : { createdBefore: created_before }),
    };
    const list = (size: number, from: string | null) =>
      context.deps.store.list(context.tenantId, { limit: size, ...(from === null ? {} : { cursor: from }), ...filter });
    const page =
      query === undefined
        ? await list(limit, cursor ?? null)
        : await searchJobs(list, { query, limit, cursor: cursor ?? null });
    const data = await Promise.all(page.generations.map((aggregate) => jobForCaller(context, aggregate)));
    return { status: 200, json: { object: 'list', data, next_cursor: page.nextCursor } };
  },
});
