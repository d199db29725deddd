import { z } from 'zod';
import { BlobRef } from './ids.js';

/** A box in fractions of the picture, origin at the top left corner. */
export const Box = z.object({
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
  width: z.number().gt(0).max(1),
  height: z.number().gt(0).max(1),
});
export type Box = z.infer<typeof Box>;

export const Size = z.object({
  widthPx: z.number().int().min(16).max(8192),
  heightPx: z.number().int().min(16).max(8192),
});
export type Size = z.infer<typeof Size>;

export const OutputFormat = z.enum(['png', 'webp', 'jpeg']);
export type OutputFormat = z.infer<typeof OutputFormat>;

export const Priority = z.enum(['low', 'normal', 'high']);
export type Priority = z.infer<typeof Priority>;

/**
 * What is made of a picture before it is encoded. `hole`: a grey check is painted where the mask (PNG, transparent = to
 * be drawn anew) or else the box says so, and the rest is put back into the result exactly. `edges`, `sketch`: its
 * outlines instead of itself.
 */
export const ReferencePreparation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hole'), mask: BlobRef.optional(), box: Box.optional() }),
  z.object({ kind: z.enum(['edges', 'sketch']) }),
]);
export type ReferencePreparation = z.infer<typeof ReferencePreparation>;

/** `role` is an open string: the roles and tasks that an engine knows are listed by `describe()`. */
export const Reference = z.object({
  blob: BlobRef,
  role: z.string().min(1).max(40),
  weight: z.number().min(0).max(2).default(1),
  /** @default the picture as it is */
  preparation: ReferencePreparation.optional(),
});
export type Reference = z.infer<typeof Reference>;

export const LayoutItem = z.object({ phrase: z.string().min(1).max(200), box: Box });
export type LayoutItem = z.infer<typeof LayoutItem>;

/** How far the prompt may be rewritten: not at all, as the rules see fit, or with a thinking budget in tokens. */
export const ExpandPrompt = z.union([z.literal('off'), z.literal('auto'), z.number().int().min(0).max(512)]);
export type ExpandPrompt = z.infer<typeof ExpandPrompt>;

export const LIMITS = {
  promptCharacters: 10_000,
  samples: 10,
  outputs: 15,
  bestOf: 4,
  references: 14,
  layoutItems: 32,
  metadataEntries: 16,
  seedMax: 2 ** 32 - 1,
  steps: 64,
} as const;

/**
 * A validated request, complete from the first version: a field that the weights do not support yet is refused
 * with a clear 400 at the API and stays in this shape. One generation = `samples` independent pictures,
 * each the best of `bestOf` candidates, each candidate `outputs` pictures drawn jointly (a storyboard).
 */
export const GenerationRequest = z.object({
  schemaVersion: z.literal(1),
  task: z.string().min(1).max(40),
  /** One prompt for all outputs, or one per output. */
  prompts: z.array(z.string().min(1).max(LIMITS.promptCharacters)).min(1).max(LIMITS.outputs),
  negativePrompt: z.string().max(LIMITS.promptCharacters).optional(),
  samples: z.number().int().min(1).max(LIMITS.samples),
  outputs: z.number().int().min(1).max(LIMITS.outputs),
  bestOf: z.number().int().min(1).max(LIMITS.bestOf),
  references: z.array(Reference).max(LIMITS.references),
  editBox: Box.optional(),
  layout: z.array(LayoutItem).max(LIMITS.layoutItems),
  size: Size,
  outputFormat: OutputFormat,
  background: z.enum(['auto', 'opaque', 'transparent']),
  /** Seed of the first candidate of the first sample; the others derive from it (`domain/seeds`). */
  seed: z.number().int().min(0).max(LIMITS.seedMax),
  steps: z.number().int().min(1).max(LIMITS.steps),
  guidance: z.number().min(0).max(30),
  precision: z.enum(['auto', 'fp32', 'bf16', 'int8', 'w4a8']),
  expandPrompt: ExpandPrompt,
  priority: Priority,
  /** Epoch milliseconds after which the work is worthless and is not started any more. */
  deadlineAt: z.number().int().positive().optional(),
  model: z.string().min(1).max(80),
  profile: z.string().min(1).max(40),
  metadata: z.record(z.string().max(64), z.string().max(512)),
  callback: z.object({ url: z.url().max(2048) }).optional(),
});
export type GenerationRequest = z.infer<typeof GenerationRequest>;
