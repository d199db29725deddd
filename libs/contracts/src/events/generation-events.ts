import { z } from 'zod';
import { GenerationRequest } from '../generation-request.js';
import { BlobRef, GenerationId, RunId, TenantId, WorkerId } from '../ids.js';
import { Stage } from '../stages.js';

/** Fields of every message: whose it is, which schema it follows and which weights it speaks about. */
export const Envelope = z.object({
  schemaVersion: z.literal(1),
  tenantId: TenantId,
  generationId: GenerationId,
});

export const WeightsRef = z.object({ name: z.string(), fingerprint: z.string(), profile: z.string() });
export type WeightsRef = z.infer<typeof WeightsRef>;

export const GenerationSubmitted = Envelope.extend({
  request: GenerationRequest,
  weights: WeightsRef,
  submittedAt: z.number().int(),
});
export type GenerationSubmitted = z.infer<typeof GenerationSubmitted>;

/** Broadcast: every worker process drops what it runs of this generation. */
export const GenerationCanceled = Envelope.extend({ reason: z.string() });
export type GenerationCanceled = z.infer<typeof GenerationCanceled>;

/** A worker's sign of life while work advances: renews the lease and feeds the event log. */
export const GenerationProgressed = Envelope.extend({
  runId: RunId,
  fence: z.number().int().positive(),
  stage: Stage,
  workerId: WorkerId,
  step: z.number().int().nonnegative(),
  steps: z.number().int().positive(),
  preview: BlobRef.optional(),
  checkpoint: z.object({ step: z.number().int().min(1), checkpoint: BlobRef }).optional(),
});
export type GenerationProgressed = z.infer<typeof GenerationProgressed>;

export const TERMINAL_STATES = ['succeeded', 'failed', 'canceled', 'rejected'] as const;
export const GENERATION_STATES = ['queued', 'running', ...TERMINAL_STATES] as const;
export const GenerationState = z.enum(GENERATION_STATES);
export type GenerationState = z.infer<typeof GenerationState>;

export const GenerationFinished = Envelope.extend({
  state: z.enum(TERMINAL_STATES),
  samplesSucceeded: z.number().int().nonnegative(),
  samplesFailed: z.number().int().nonnegative(),
  finishedAt: z.number().int(),
});
export type GenerationFinished = z.infer<typeof GenerationFinished>;
