import { ImageGenerationBody, ImageResponse } from '@atelier/contracts';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { findJob, linkFor } from '../../jobs/find-job.js';
import { IDEMPOTENCY_HEADERS } from '../../jobs/idempotency-headers.js';
import { failedStageOf } from '../../jobs/job-view.js';
import { apiErrorOf } from '../../jobs/public-error.js';
import { submitJob } from '../../jobs/submit-job.js';
import { imageResponseOf } from '../image-response.js';
import { serverTimingOf } from '../server-timing.js';
import { waitForEnd } from '../wait-for-end.js';

export const generateImages = defineRoute({
  method: 'POST',
  path: '/v1/images/generations',
  operationId: 'generateImages',
  tag: 'Images',
  summary: 'Draw pictures and wait for them',
  description:
    "OpenAI's request and answer, extended. The job goes on when the caller hangs up: send the same request with the " +
    'same `Idempotency-Key` to meet it again, or read it at `/v1/jobs/{id}` (header `x-job-id`).',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'json', schema: ImageGenerationBody },
  answers: { 200: { description: 'The pictures.', schema: ImageResponse } },
  errors: [
    'missing_parameter',
    'invalid_parameter',
    'unknown_parameter',
    'prompt_empty',
    'prompt_too_long',
    'prompt_not_drawable',
    'unsupported_size',
    'unsupported_task',
    'unsupported_feature',
    'model_not_found',
    'idempotency_key_reused',
    'queue_full',
    'job_canceled',
    'deadline_exceeded',
    'generation_failed',
    'out_of_memory',
    'worker_lost',
  ],
  async handle(context) {
    const { deps } = context;
    const startedAtMs = deps.clock.monotonicMs();
    const submitted = await submitJob(context, context.body);
    await waitForEnd(context, submitted.id);
    const aggregate = await findJob(context, submitted.id);
    const { generation, runs } = aggregate;
    if (generation.state === 'canceled') throw new ApiError('job_canceled', { job: generation.id });
    if (generation.state !== 'succeeded') throw apiErrorOf(generation.error, failedStageOf(runs), generation.id);
    const response = await imageResponseOf(aggregate, {
      requestId: context.requestId,
      countTokens: deps.countTokens,
      linkOf: linkFor(context),
      ...(context.body.response_format === 'b64_json' ? { bytesOf: (key: string) => deps.blobs.get(key) } : {}),
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
  },
});
