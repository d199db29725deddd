import { Job } from '@atelier/contracts';
import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { findJob, jobForCaller } from '../find-job.js';

export const cancelJob = defineRoute({
  method: 'POST',
  path: '/v1/jobs/:id/cancel',
  operationId: 'cancelJob',
  tag: 'Jobs',
  summary: 'Cancel a job',
  description:
    'A queued job never starts; a running one stops within one denoising step. Pictures that are finished stay. ' +
    'Canceling twice is the same as once.',
  auth: 'tenant',
  params: z.object({ id: z.string() }),
  answers: { 200: { description: 'The job, canceled.', schema: Job } },
  errors: ['job_not_found', 'job_finished'],
  async handle(context) {
    const { generation } = await findJob(context, context.params.id);
    const { outcome } = await context.deps.cancel.execute({
      tenantId: context.tenantId,
      generationId: generation.id,
    });
    if (outcome === 'already-finished') throw new ApiError('job_finished', { job: generation.id });
    const job = await jobForCaller(context, await findJob(context, generation.id));
    return { status: 200, headers: { 'x-job-id': job.id }, json: job };
  },
});
