import type { Answer, RouteContext } from '../http/route.js';
import { findJob, jobForCaller } from './find-job.js';
import type { SubmittedJob } from './submit-job.js';

/** 202 with the job and where to read it again. */
export async function answerWithJob(context: RouteContext, submitted: SubmittedJob): Promise<Answer> {
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
}
