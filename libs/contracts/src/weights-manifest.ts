import { z } from 'zod';
import { Size } from './generation-request.js';
import { Sha256 } from './ids.js';

const graph = z.object({
  file: z.string(),
  /** The same graph in other number formats, by their name (`fp32` is `file` itself). */
  precisions: z.record(z.string(), z.looseObject({ file: z.string() })).optional(),
});

/**
 * `gpu-runtime/weights/<name>/manifest.json`: all that the platform may assume about a model. Sizes, latent shape,
 * tokeniser, tasks, limits and step schedules come from here and from nowhere else, so that other weights fit
 * without a change of code. Also published as JSON Schema (`schemas/weights-manifest.v1.json`) for Python.
 */
export const WeightsManifest = z.object({
  schemaVersion: z.literal(1),
  name: z.string().min(1),
  profile: z.string(),
  /** sha256 over the files' sha256 in the order of their names. */
  fingerprint: Sha256,
  createdFrom: z.record(z.string(), z.unknown()),
  latent: z.looseObject({
    downsampling: z.number().int(),
    channels: z.number().int(),
    /** Rows and columns of output positions count bins of 1/frameBins of the picture's edge. @default 64 */
    frameBins: z.number().positive().optional(),
  }),
  /** Number format the graphs compute in. @default fp32 */
  precision: z.string().optional(),
  sizes: z.array(Size).min(1),
  defaultSize: Size,
  limits: z.looseObject({
    maxTextTokens: z.number().int(),
    maxReferences: z.number().int(),
    maxOutputs: z.number().int(),
    maxSteps: z.number().int(),
  }),
  tasks: z.array(z.object({ name: z.string(), id: z.number().int(), trained: z.boolean() })),
  steps: z.object({ default: z.number().int(), min: z.number().int(), max: z.number().int() }),
  /** `t` runs from 1 (noise) to 0 (clean) and has steps + 1 entries. */
  schedules: z.array(z.object({ steps: z.number().int(), t: z.array(z.number()) })).min(1),
  guidance: z.looseObject({ default: z.number(), distilled: z.boolean() }),
  tokenizer: z.looseObject({ file: z.string(), nullTokenIds: z.array(z.number().int()) }),
  vocabulary: z.looseObject({
    file: z.string().optional(),
    /** Ids. */
    concepts: z.array(z.string()),
    /** What people call them, in the same order. */
    conceptNames: z.array(z.string()).optional(),
    styles: z.array(z.string()),
    places: z.array(z.string()),
    times: z.array(z.string()),
    colours: z.array(z.string()),
  }),
  graphs: z.looseObject({
    /** token_ids [1, n], task_id [1] and, where references are trained, theirs -> prefix_kv, references first. */
    prefix: graph,
    step: graph,
    vaeDecoder: graph,
    vaeEncoder: graph,
    /** pixels [1, 3, H, W] -> concepts, colours, boxes per cell; a peak counts as an object from `threshold`. @default 0.5 */
    checker: graph.extend({ threshold: z.number().optional() }).optional(),
    /**
     * latents [1, n, channels], positions [n, 3] (of which the image index does not count) -> kv [layers, 2, heads, n,
     * headDim] without the image index: the same for every task, prompt and slot. The prefix graph then takes
     * `reference_kv` [layers, 2, heads, all n, headDim] and `reference_positions` [all n, 3] with image indices 10, 20 ...
     */
    referenceEncoder: graph.optional(),
  }),
  network: z.looseObject({
    layers: z.number().int(),
    heads: z.number().int(),
    headDim: z.number().int(),
    width: z.number().int(),
  }),
  /** Milliseconds measured at export; the platform corrects them by what it measures itself. */
  costModel: z.looseObject({
    prefixMs: z.number(),
    stepMs: z.number(),
    decodeMs: z.number(),
    encodeMs: z.number(),
    scoreMs: z.number().optional(),
  }),
  licences: z.array(z.looseObject({ name: z.string(), licence: z.string() })),
  evaluation: z.unknown(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: Sha256 })).min(1),
});
export type WeightsManifest = z.infer<typeof WeightsManifest>;
