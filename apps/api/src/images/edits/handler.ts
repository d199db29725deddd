import { ImageResponse, Job } from '@atelier/contracts';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { answerWithJob } from '../../jobs/answer-job.js';
import { editSourceOf, PICTURE_ERRORS, withoutPictures } from '../../jobs/edit-source.js';
import { IDEMPOTENCY_HEADERS } from '../../jobs/idempotency-headers.js';
import { submitJob } from '../../jobs/submit-job.js';
import { answerWithImages, IMAGE_ERRORS } from '../answer-images.js';
import { EditBody, EditForm } from './edit-form.js';

export const editImages = defineRoute<unknown, unknown, EditForm | EditBody>({
  method: 'POST',
  path: '/v1/images/edits',
  operationId: 'editImages',
  tag: 'Images',
  summary: 'Change a picture and wait for the result',
  description:
    "OpenAI's form and answer, extended. `image` or `image[]` is PNG, JPEG, WebP or AVIF; how many pictures a task " +
    'takes, and what they are (`roles`, in order, such as `scene,style`), is said by `tasks` at `/v1/models`. The ' +
    'prompt says one change, such as "make the apple blue"; without `task` it tells which, or a `mask` does. `mask` is ' +
    "a PNG of the first picture's size, transparent where it may change: the task `mask` fills that and puts the rest " +
    'back exactly; other tasks read it as the place, as they do `edit_box` (`x,y,width,height`, fractions). ' +
    '`control_from` = `picture` lets `edges` and `sketch` make their outlines of an ordinary picture. Pictures are ' +
    'read at the nearest size that the weights draw, with a warning where that is another one. An instruction that ' +
    'cannot be read is `edit_not_understood`, and the message says what can be said. As JSON, pictures are `images` ' +
    'and `mask`: data URLs or links from other answers. `async` answers 202 with the job at once.',
  auth: 'tenant',
  headers: IDEMPOTENCY_HEADERS,
  body: { kind: 'multipart', schema: EditForm, files: ['image', 'mask'], json: EditBody },
  answers: {
    200: { description: 'The pictures.', schema: ImageResponse },
    202: { description: 'The job, accepted (`async`).', schema: Job },
  },
  errors: [...IMAGE_ERRORS, ...PICTURE_ERRORS, 'edit_not_understood'],
  async handle(context) {
    const { body } = context;
    if (body.prompt.trim() === '') throw new ApiError('prompt_empty', { param: 'prompt' });
    const { input_fidelity: _fidelity, async: isAsync, ...asked } = body;
    const source = await editSourceOf(context, asked);
    const submit = () => submitJob(context, withoutPictures(asked), source);
    if (isAsync) return answerWithJob(context, await submit());
    return answerWithImages(context, submit, body.response_format);
  },
});
