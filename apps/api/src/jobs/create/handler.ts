import { Job, JobBody } from '@atelier/contracts';
import { defineRoute } from '../../http/route.js';
import { EditForm } from '../../images/edits/edit-form.js';
import { answerWithJob } from '../answer-job.js';
import { editSourceOf, PICTURE_ERRORS, withoutPictures } from '../edit-source.js';
import { IDEMPOTENCY_HEADERS } from '../idempotency-headers.js';
import { SUBMIT_ERRORS, submitJob } from '../submit-job.js';

export const createJob = defineRoute<unknown, unknown, JobBody | EditForm>({
  method: 'POST',
  path: '/v1/jobs',
  operationId: 'createJob',
  tag: 'Jobs',
  summary: 'Accept a drawing job and return at once',
  description:
    'Answers 202 once the job is stored. Follow it at `links.events`, or read it again at `Location`. ' +
    'The same `Idempotency-Key` with the same body gives the same job, also after a restart. With pictures, as files ' +
    'of a form or as `images`, it is an edit, as at `/v1/images/edits`.',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'multipart', schema: EditForm, files: ['image', 'mask'], json: JobBody },
  answers: { 202: { description: 'The job, accepted.', schema: Job } },
  errors: [...SUBMIT_ERRORS, ...PICTURE_ERRORS],
  async handle(context) {
    const { body, files } = context;
    const isEdit = files.length > 0 || ('images' in body && body.images !== undefined);
    const source = isEdit ? await editSourceOf(context, body) : undefined;
    return answerWithJob(context, await submitJob(context, withoutPictures(body), source));
  },
});
