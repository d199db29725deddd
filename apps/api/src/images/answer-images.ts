import type { ImageGenerationBody } from '@atelier/contracts';
import { ApiError } from '../http/api-error.js';
import type { Answer, RouteContext } from '../http/route.js';
import { findJob, linkFor } from '../jobs/find-job.js';
import { failedStageOf } from '../jobs/job-view.js';
import { apiErrorOf } from '../jobs/public-error.js';
import { SUBMIT_ERRORS, type SubmittedJob } from '../jobs/submit-job.js';
import { imageResponseOf } from './image-response.js';
import { serverTimingOf } from './server-timing.js';
import { waitForEnd } from './wait-for-end.js';

/** Codes of a route that submits a job and waits for its pictures. */
export const IMAGE_ERRORS = [
  ...SUBMIT_ERRORS,
  'prompt_not_drawable',
  'job_canceled',
  'deadline_exceeded',
  'generation_failed',
  'out_of_memory',
  'worker_lost',
] as const;

/** Waits until the job has ended and answers with its pictures; throws the error of a job that has none. */
export async function answerWithImages(
  context: RouteContext,
  submit: () => Promise<SubmittedJob>,
  format: ImageGenerationBody['response_format'],
): Promise<Answer> {
  const { deps } = context;
  const startedAtMs = deps.clock.monotonicMs();
  const submitted = await submit();
  await waitForEnd(context, submitted.id);
  const aggregate = await findJob(context, submitted.id);
  const { generation, runs } = aggregate;
  if (generation.state === 'canceled') throw new ApiError('job_canceled', { job: generation.id });
  if (generation.state !== 'succeeded') throw apiErrorOf(generation.error, failedStageOf(runs), generation.id);
  const response = await imageResponseOf(aggregate, {
    requestId: context.requestId,
    countTokens: deps.countTokens,
    linkOf: linkFor(context),
    ...(format === 'b64_json' ? { bytesOf: (key: string) => deps.blobs.get(key) } : {}),
  });
  return {
    status: 200,
    headers: {
      'x-job-id': generation.id,
      'openai-processing-ms': String(Math.round(deps.clock.monotonicMs() - startedAtMs)),
      'server-timing': serverTimingOf(response.timings),
      ...(submitted.replayed ? { 'idempotency-replayed': 'true' } : {}),
    },
    json: response,
  };
}
