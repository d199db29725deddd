import { Job } from '@atelier/contracts';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { findJob, jobForCaller } from '../find-job.js';

export const getJob = defineRoute({
  method: 'GET',
  path: '/v1/jobs/:id',
  operationId: 'getJob',
  tag: 'Jobs',
  summary: 'Read a job',
  auth: 'tenant',
  params: z.object({ id: z.string() }),
  answers: { 200: { description: 'The job as it is now.', schema: Job } },
  errors: ['job_not_found'],
  async handle(context) {
    const job = await jobForCaller(context, await findJob(context, context.params.id));
    return { status: 200, headers: { 'x-job-id': job.id }, json: job };
  },
});
