import { z } from 'zod';
import { Explanation, Facts, OutputPlan, Warning } from './facts.js';
import { Box, ExpandPrompt, LayoutItem, LIMITS, OutputFormat, Reference, Size } from './generation-request.js';
import { BlobRef } from './ids.js';

const index = z.number().int().nonnegative();

// --- prompt-expansion: once per generation; plans every sample and output.

export const PromptExpansionInput = z.object({
  task: z.string(),
  prompts: z.array(z.string()).min(1),
  negativePrompt: z.string().optional(),
  samples: z.number().int().min(1),
  outputs: z.number().int().min(1),
  expandPrompt: ExpandPrompt,
  layout: z.array(LayoutItem),
  references: z.array(Reference),
  size: Size,
  seed: z.number().int().min(0).max(LIMITS.seedMax),
  /** Candidates per sample; each gets a plan by its own seed. @default 1 */
  bestOf: z.number().int().min(1).max(LIMITS.bestOf).optional(),
  /** Where the object that an edit speaks about lies, if the caller said so. */
  editBox: Box.optional(),
});
export type PromptExpansionInput = z.infer<typeof PromptExpansionInput>;

export const PromptExpansionResult = z.object({
  /** One entry per prompt of the request, in its order. */
  expansions: z.array(
    z.object({ original: z.string(), expanded: z.string(), facts: Facts, explanation: z.array(Explanation) }),
  ),
  /** plans[sample][output]: of the first candidate */
  plans: z.array(z.array(OutputPlan).min(1)).min(1),
  /** candidatePlans[sample][candidate][output], present for bestOf > 1; its first candidates repeat `plans`. */
  candidatePlans: z.array(z.array(z.array(OutputPlan).min(1)).min(1)).optional(),
  warnings: z.array(Warning),
});
export type PromptExpansionResult = z.infer<typeof PromptExpansionResult>;

// --- reference-encoding: once per reference.

export const ReferenceEncodingInput = z.object({
  referenceIndex: index,
  reference: Reference,
  size: Size,
  /** Written by earlier versions; the K/V of a reference do not depend on it. */
  task: z.string().optional(),
});
export type ReferenceEncodingInput = z.infer<typeof ReferenceEncodingInput>;

export const ReferenceEncodingResult = z.object({
  referenceIndex: index,
  latents: BlobRef,
  /** Key of the K/V in the reference cache; a miss later costs time only, the latents suffice to rebuild it. */
  cacheKey: z.string(),
  cacheHit: z.boolean(),
  /** Of a picture with a hole: a PNG of the drawn size, opaque where its pixels come back into the result. */
  kept: BlobRef.optional(),
});
export type ReferenceEncodingResult = z.infer<typeof ReferenceEncodingResult>;

// --- denoising: once per candidate.

export const DenoisingInput = z.object({
  task: z.string(),
  sampleIndex: index,
  candidateIndex: index,
  plans: z.array(OutputPlan).min(1),
  references: z.array(ReferenceEncodingResult.extend({ role: z.string(), weight: z.number() })),
  size: Size,
  seed: z.number().int().min(0).max(LIMITS.seedMax),
  steps: z.number().int().min(1).max(LIMITS.steps),
  guidance: z.number(),
  precision: z.string(),
  /** Latest checkpoint of an earlier execution of this run; denoising continues after `step`. */
  resume: z.object({ step: z.number().int().min(1), checkpoint: BlobRef }).optional(),
});
export type DenoisingInput = z.infer<typeof DenoisingInput>;

export const DenoisingResult = z.object({
  sampleIndex: index,
  candidateIndex: index,
  /** One latent tensor [rows, columns, channels] per output, as one safetensors object. */
  latents: BlobRef,
  stepsRun: z.number().int().nonnegative(),
  resumedFromStep: z.number().int().nonnegative(),
});
export type DenoisingResult = z.infer<typeof DenoisingResult>;

// --- decoding: once per output.

export const DecodingInput = z.object({
  sampleIndex: index,
  candidateIndex: index,
  outputIndex: index,
  latents: BlobRef,
  size: Size,
  outputFormat: OutputFormat,
  /** PNG of the same size laid over the drawing: opaque pixels replace what was drawn. */
  overlay: BlobRef.optional(),
  /** Written into the picture's metadata, so that a file alone tells how to draw it again. */
  provenance: z.record(z.string(), z.string()),
});
export type DecodingInput = z.infer<typeof DecodingInput>;

export const DecodedImage = z.object({
  sampleIndex: index,
  candidateIndex: index,
  outputIndex: index,
  image: BlobRef,
  widthPx: z.number().int(),
  heightPx: z.number().int(),
});
export type DecodedImage = z.infer<typeof DecodedImage>;
export const DecodingResult = DecodedImage;
export type DecodingResult = DecodedImage;

// --- scoring: once per candidate.

export const ScoringInput = z.object({
  sampleIndex: index,
  candidateIndex: index,
  images: z.array(DecodedImage).min(1),
  /** Facts of each image, in the same order. */
  facts: z.array(Facts).min(1),
});
export type ScoringInput = z.infer<typeof ScoringInput>;

export const ScoringAnswer = z.object({
  outputIndex: index,
  kind: z.enum(['present', 'absent', 'colour', 'relation', 'count']),
  question: z.string(),
  holds: z.boolean(),
  confidence: z.number().min(0).max(1),
});
export type ScoringAnswer = z.infer<typeof ScoringAnswer>;

export const ScoringResult = z.object({
  sampleIndex: index,
  candidateIndex: index,
  /** Mean confidence that what was asked is there, 0..1; null when nothing could be asked. */
  score: z.number().min(0).max(1).nullable(),
  answers: z.array(ScoringAnswer),
});
export type ScoringResult = z.infer<typeof ScoringResult>;

export const STAGE_MESSAGES = {
  'prompt-expansion': { input: PromptExpansionInput, result: PromptExpansionResult },
  'reference-encoding': { input: ReferenceEncodingInput, result: ReferenceEncodingResult },
  denoising: { input: DenoisingInput, result: DenoisingResult },
  decoding: { input: DecodingInput, result: DecodingResult },
  scoring: { input: ScoringInput, result: ScoringResult },
} as const;

export type StageInput<S extends keyof typeof STAGE_MESSAGES> = z.infer<(typeof STAGE_MESSAGES)[S]['input']>;
export type StageResult<S extends keyof typeof STAGE_MESSAGES> = z.infer<(typeof STAGE_MESSAGES)[S]['result']>;
