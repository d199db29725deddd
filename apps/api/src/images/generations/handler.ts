import { ImageGenerationBody, ImageResponse } from '@atelier/contracts';
import { defineRoute } from '../../http/route.js';
import { IDEMPOTENCY_HEADERS } from '../../jobs/idempotency-headers.js';
import { submitJob } from '../../jobs/submit-job.js';
import { answerWithImages, IMAGE_ERRORS } from '../answer-images.js';

export const generateImages = defineRoute({
  method: 'POST',
  path: '/v1/images/generations',
  operationId: 'generateImages',
  tag: 'Images',
  summary: 'Draw pictures and wait for them',
  description:
    "OpenAI's request and answer, extended. The job goes on when the caller hangs up: send the same request with the " +
    'same `Idempotency-Key` to meet it again, or read it at `/v1/jobs/{id}` (header `x-job-id`). `best_of` draws ' +
    'several candidates and keeps the one with the best `score`, of equal ones the first; `answers` says which asked ' +
    'things are in the picture. The `seed` of a picture draws it again with `n` and `best_of` left out.',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'json', schema: ImageGenerationBody },
  answers: { 200: { description: 'The pictures.', schema: ImageResponse } },
  errors: IMAGE_ERRORS,
  handle: (context) => answerWithImages(context, () => submitJob(context, context.body), context.body.response_format),
});
