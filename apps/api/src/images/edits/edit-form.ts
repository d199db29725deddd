import { Box, ImageGenerationBody, JobBody, LIMITS, OutputFormat, Priority } from '@atelier/contracts';
import { z } from 'zod';

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max).optional();

/** `x,y,width,height` in fractions of the picture. */
const BoxText = z
  .string()
  .max(100)
  .transform((text, context) => {
    const [x, y, width, height, ...more] = text.split(',').map(Number);
    const box = Box.safeParse({ x, y, width, height });
    if (box.success && more.length === 0) return box.data;
    context.addIssue({ code: 'custom', message: 'must be "x,y,width,height" in fractions of the picture' });
    return z.NEVER;
  });

/** `scene,style`: one role per picture. */
const RolesText = z
  .string()
  .max(400)
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.string().min(1).max(40)).min(1).max(16));

const TrueOrFalse = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Text fields of the form of `POST /v1/images/edits`: OpenAI's, then Atelier's own. Pictures are files. */
export const EditForm = z.object({
  prompt: z.string().max(LIMITS.promptCharacters),
  model: z.string().min(1).max(80).optional(),
  task: z.string().min(1).max(40).optional(),
  n: whole(1, LIMITS.samples),
  size: ImageGenerationBody.shape.size.unwrap().unwrap().optional(),
  response_format: z.enum(['url', 'b64_json']).optional(),
  output_format: OutputFormat.optional(),
  output_compression: whole(0, 100),
  quality: z.string().max(20).optional(),
  background: z.enum(['auto', 'opaque', 'transparent']).optional(),
  user: z.string().max(200).optional(),
  stream: z
    .literal('false')
    .transform((): false => false)
    .optional(),
  input_fidelity: z.enum(['high', 'low']).optional(),
  seed: whole(0, LIMITS.seedMax),
  steps: whole(1, LIMITS.steps),
  guidance: z.coerce.number().min(0).max(30).optional(),
  best_of: whole(1, LIMITS.bestOf),
  priority: Priority.optional(),
  expand_prompt: z.enum(['off', 'auto']).optional(),
  edit_box: BoxText.optional(),
  roles: RolesText.optional(),
  control_from: z.enum(['map', 'picture']).optional(),
  strict: TrueOrFalse.optional(),
  /** Answer 202 with the job at once instead of waiting for the pictures. */
  async: TrueOrFalse.optional(),
});
export type EditForm = z.output<typeof EditForm>;

/** The same as JSON: pictures are `images` and `mask`. */
export const EditBody = JobBody.extend({
  response_format: z.enum(['url', 'b64_json']).optional(),
  input_fidelity: z.enum(['high', 'low']).optional(),
  async: z.boolean().optional(),
});
export type EditBody = z.output<typeof EditBody>;
