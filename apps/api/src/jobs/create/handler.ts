import { Job, JobBody } from '@atelier/contracts';
import { defineRoute } from '../../http/route.js';
import { findJob, jobForCaller } from '../find-job.js';
import { IDEMPOTENCY_HEADERS } from '../idempotency-headers.js';
import { SUBMIT_ERRORS, submitJob } from '../submit-job.js';

export const createJob = defineRoute({
  method: 'POST',
  path: '/v1/jobs',
  operationId: 'createJob',
  tag: 'Jobs',
  summary: 'Accept a drawing job and return at once',
  description:
    'Answers 202 once the job is stored. Follow it at `links.events`, or read it again at `Location`. ' +
    'The same `Idempotency-Key` with the same body gives the same job, also after a restart.',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'json', schema: JobBody },
  answers: { 202: { description: 'The job, accepted.', schema: Job } },
  errors: SUBMIT_ERRORS,
  async handle(context) {
    const submitted = await submitJob(context, context.body);
    const job = await jobForCaller(context, await findJob(context, submitted.id));
    return {
      status: 202,
      headers: {
        location: job.links.self,
        'x-job-id': job.id,
        ...(submitted.replayed ? { 'idempotency-replayed': 'true' } : {}),
      },
      json: job,
    };
  },
});
