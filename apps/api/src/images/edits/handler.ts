import { ImageResponse, LIMITS } from '@atelier/contracts';
import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute, type UploadedFile } from '../../http/route.js';
import type { ModelCatalogue } from '../../models/catalogue.js';
import { sniffImage } from '../image-bytes.js';

const MAX_IMAGES = 16;

/** Form fields are text: numbers are parsed where they are used. */
const EditForm = z.object({
  prompt: z.string().max(LIMITS.promptCharacters),
  model: z.string().min(1).max(80).optional(),
  task: z.string().min(1).max(40).optional(),
  n: z.coerce.number().int().min(1).max(LIMITS.samples).optional(),
  size: z.string().max(20).optional(),
  seed: z.coerce.number().int().min(0).max(LIMITS.seedMax).optional(),
  response_format: z.enum(['url', 'b64_json']).optional(),
});

export const editImages = defineRoute({
  method: 'POST',
  path: '/v1/images/edits',
  operationId: 'editImages',
  tag: 'Images',
  summary: 'Edit pictures',
  description:
    'Takes `image` (or `image[]`, up to 16) and a prompt. Answers `unsupported_task` until the shipped weights are ' +
    'trained for a task that takes references; see `tasks` at `/v1/models`.',
  auth: 'tenant',
  body: { kind: 'multipart', schema: EditForm, files: ['image', 'mask'] },
  answers: { 200: { description: 'The pictures.', schema: ImageResponse } },
  errors: [
    'missing_parameter',
    'invalid_parameter',
    'prompt_empty',
    'prompt_too_long',
    'invalid_image',
    'image_too_large',
    'model_not_found',
    'unsupported_task',
  ],
  async handle({ body, files, deps }) {
    if (body.prompt.trim() === '') throw new ApiError('prompt_empty', { param: 'prompt' });
    checkFiles(files);
    throw unsupportedTask(body, deps.models);
  },
});

function checkFiles(files: readonly UploadedFile[]): void {
  const images = files.filter(({ field }) => field === 'image' || field === 'image[]');
  if (images.length === 0) throw new ApiError('missing_parameter', { param: 'image', message: '"image" is required.' });
  if (images.length > MAX_IMAGES) {
    throw new ApiError('invalid_parameter', { param: 'image', message: `At most ${MAX_IMAGES} images are accepted.` });
  }
  for (const file of files) {
    if (file.field === 'mask' || images.includes(file)) sniffImage(file.bytes, file.field);
  }
}

/** Tasks other than text-to-image take references; none of the shipped weights was trained for one yet. */
function unsupportedTask(body: z.infer<typeof EditForm>, models: ModelCatalogue): ApiError {
  const model = models.find(body.model);
  if (!model) {
    return new ApiError('model_not_found', { param: 'model', message: `The model "${body.model}" does not exist.` });
  }
  const trained = model.manifest.tasks.filter((task) => task.trained).map((task) => task.name);
  const wish = body.task ? `the task "${body.task}"` : 'edits';
  return new ApiError('unsupported_task', {
    param: body.task ? 'task' : 'image',
    message: `The weights "${model.manifest.name}" were not trained for ${wish}; they know: ${trained.join(', ')}.`,
  });
}
