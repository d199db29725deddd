import { ImageResponse } from '@atelier/contracts';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { IDEMPOTENCY_HEADERS } from '../../jobs/idempotency-headers.js';
import { submitJob } from '../../jobs/submit-job.js';
import { answerWithImages, IMAGE_ERRORS } from '../answer-images.js';
import { sniffImage } from '../image-bytes.js';
import { uploadedImages } from '../uploaded-images.js';
import { EditForm } from './edit-form.js';

export const editImages = defineRoute<unknown, unknown, EditForm>({
  method: 'POST',
  path: '/v1/images/edits',
  operationId: 'editImages',
  tag: 'Images',
  summary: 'Change a picture and wait for the result',
  description:
    "OpenAI's form and answer, extended. `image` is PNG, JPEG, WebP or AVIF; the prompt says one change, such as " +
    '"make the apple blue". Without `task` it is the one edit task that the weights were trained for (`tasks` at ' +
    '`/v1/models`); weights without one answer `unsupported_task`. `edit_box` (`x,y,width,height`, fractions) says ' +
    'where the thing lies. The picture is read at the nearest size that the weights draw, with a warning where that ' +
    'is another one. An instruction that cannot be read is `edit_not_understood`, and the message says what can be said.',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'multipart', schema: EditForm, files: ['image', 'mask'] },
  answers: { 200: { description: 'The pictures.', schema: ImageResponse } },
  errors: [...IMAGE_ERRORS, 'edit_not_understood', 'invalid_image', 'image_too_large'],
  async handle(context) {
    const { body, files } = context;
    if (body.prompt.trim() === '') throw new ApiError('prompt_empty', { param: 'prompt' });
    const images = uploadedImages(files);
    for (const { field, bytes } of files) {
      if (field !== 'mask') continue;
      sniffImage(bytes, field);
      const message = 'Masks are not supported: these weights were not trained to edit inside of one.';
      throw new ApiError('unsupported_feature', { param: 'mask', message });
    }
    const { edit_box: editBox, input_fidelity: _fidelity, ...asked } = body;
    return answerWithImages(
      context,
      () => submitJob(context, asked, { images, ...(editBox ? { editBox } : {}) }),
      body.response_format,
    );
  },
});
