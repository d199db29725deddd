import { z } from 'zod';
import { Warning } from '../facts.js';
import { Box, LIMITS, OutputFormat, Priority } from '../generation-request.js';
import { ScoringAnswer } from '../stage-messages.js';

/** `1024x1024`, or `auto` for the model's own size. */
export const SizeText = z.string().regex(/^(auto|[1-9]\d{0,4}x[1-9]\d{0,4})$/, 'must be "auto" or "<width>x<height>"');

/** Body of `POST /v1/images/generations`: OpenAI's fields, then Atelier's own. */
export const ImageGenerationBody = z.object({
  prompt: z.string().max(LIMITS.promptCharacters),
  model: z.string().min(1).max(80).optional(),
  n: z.number().int().min(1).max(LIMITS.samples).nullish(),
  size: SizeText.nullish(),
  response_format: z.enum(['url', 'b64_json']).nullish(),
  output_format: OutputFormat.nullish(),
  output_compression: z.number().int().min(0).max(100).nullish(),
  quality: z.string().max(20).nullish(),
  background: z.enum(['auto', 'opaque', 'transparent']).nullish(),
  moderation: z.string().max(20).nullish(),
  style: z.string().max(40).nullish(),
  user: z.string().max(200).nullish(),
  stream: z.literal(false).nullish(),
  negative_prompt: z.string().max(LIMITS.promptCharacters).nullish(),
  seed: z.number().int().min(0).max(LIMITS.seedMax).nullish(),
  steps: z.number().int().min(1).max(LIMITS.steps).nullish(),
  guidance: z.number().min(0).max(30).nullish(),
  best_of: z.number().int().min(1).max(LIMITS.bestOf).nullish(),
  /** Pictures of a storyboard, drawn jointly. @default as many as the prompt has sentences behind `1.`, `2.` or `;` */
  outputs: z.number().int().min(1).max(LIMITS.outputs).nullish(),
  /** The sentences of a storyboard, picture by picture, where the prompt is not to be taken apart. */
  frames: z.array(z.string().min(1).max(LIMITS.promptCharacters)).min(1).max(LIMITS.outputs).nullish(),
  task: z.string().min(1).max(40).nullish(),
  precision: z.enum(['auto', 'fp32', 'bf16', 'int8', 'w4a8']).nullish(),
  priority: Priority.nullish(),
  expand_prompt: z.union([z.enum(['off', 'auto']), z.number().int().min(0).max(512)]).nullish(),
  /** Seconds from now. */
  deadline_s: z.number().gt(0).max(86_400).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  /** Refuse what would otherwise be a warning. */
  strict: z.boolean().nullish(),
});
export type ImageGenerationBody = z.infer<typeof ImageGenerationBody>;

/** `data:image/png;base64,...`, or a link to a picture that this installation answered with. */
export const ImageText = z.string().min(1).max(1_000_000);

/** What an edit starts from, as JSON says it; a form has files instead. */
export const EditFields = z.object({
  /** The pictures, in the order of the task's roles. */
  images: z.array(ImageText).min(1).max(16).optional(),
  /** What each picture is: `scene`, `subject`, `style`, `background`, `edges` ... @default the task's usual ones */
  roles: z.array(z.string().min(1).max(40)).min(1).max(16).optional(),
  /** PNG of the first picture's size: what is transparent may change. */
  mask: ImageText.optional(),
  /** Where the thing that is to change lies. */
  edit_box: Box.optional(),
  /** `picture`: the outlines that the tasks `edges` and `sketch` follow are made of an ordinary picture. @default map */
  control_from: z.enum(['map', 'picture']).optional(),
});
export type EditFields = z.infer<typeof EditFields>;

/** Body of `POST /v1/jobs`: the same request, answered at once with 202; with pictures it is an edit. */
export const JobBody = ImageGenerationBody.omit({ response_format: true, stream: true }).extend(EditFields.shape);
export type JobBody = z.infer<typeof JobBody>;

export const ImageDatum = z.object({
  url: z.string().optional(),
  b64_json: z.string().optional(),
  revised_prompt: z.string(),
  /** Seed of this very picture: the same request with it, `n` 1 and `best_of` 1 draws the same bytes again. */
  seed: z.number().int(),
  /** Of pictures drawn jointly: which one it is, and of which sample; absent otherwise. */
  output: z.number().int().optional(),
  sample: z.number().int().optional(),
  width: z.number().int(),
  height: z.number().int(),
  /** Mean confidence, 0..1, that what was asked is in the picture; null where nothing was asked or nobody can judge. */
  score: z.number().nullable(),
  /** One answer for each asked object, colour, count, relation and absence; empty where `score` is null. */
  answers: z.array(ScoringAnswer),
});
export type ImageDatum = z.infer<typeof ImageDatum>;

/** Milliseconds per stage, summed over its runs, and the two sums that matter to a caller. */
export const Timings = z.object({
  stages: z.record(z.string(), z.number()),
  /** Accept to terminal state. */
  total_ms: z.number().nullable(),
  /** Sum of all stage runs. */
  compute_ms: z.number(),
});
export type Timings = z.infer<typeof Timings>;

export const ImageResponse = z.object({
  created: z.number().int(),
  data: z.array(ImageDatum),
  size: z.string(),
  output_format: OutputFormat,
  background: z.string(),
  quality: z.string(),
  usage: z.object({
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    total_tokens: z.number().int(),
    input_tokens_details: z.object({ text_tokens: z.number().int(), image_tokens: z.number().int() }),
  }),
  job: z.string(),
  model: z.string(),
  task: z.string(),
  /** Of a masked edit: whether what the mask did not free is the uploaded picture bit by bit (PNG) or stored anew with loss. */
  outside_mask: z.enum(['exact', 'lossy']).optional(),
  request_id: z.string(),
  timings: Timings,
  warnings: z.array(Warning),
  /** Samples that failed while others succeeded. */
  failures: z.array(z.object({ sample: z.number().int(), code: z.string(), message: z.string() })),
});
export type ImageResponse = z.infer<typeof ImageResponse>;
