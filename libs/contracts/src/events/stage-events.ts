import { z } from 'zod';
import { RunId, WorkerId } from '../ids.js';
import { STAGE_MESSAGES } from '../stage-messages.js';
import { Stage } from '../stages.js';
import { Envelope, WeightsRef } from './generation-events.js';

/** One execution order. A result is accepted only while `fence` is the run's current fence. */
const Requested = Envelope.extend({
  runId: RunId,
  stage: Stage,
  fence: z.number().int().positive(),
  weights: WeightsRef,
  predictedMs: z.number().nonnegative(),
  leaseMs: z.number().int().positive(),
  /** Epoch milliseconds; a run that starts later than this is dropped as expired. */
  deadlineAt: z.number().int().positive().optional(),
  /** Where this execution writes: `<tenant>/<generation>/<stage>/<run>-<fence>`; the worker adds its execution id. */
  blobPrefix: z.string().min(1),
  /** `small`: an earlier execution ran out of memory. The order comes to an otherwise idle worker; keep little in memory. */
  memoryPlan: z.enum(['normal', 'small']).optional(),
  /** The one worker that it is for; without it whoever of the stage takes it. A later owner of its slot leaves it. */
  workerId: WorkerId.optional(),
});

export const StageErrorClass = z.enum(['transient', 'out-of-memory', 'worker-lost', 'invalid', 'expired']);
export type StageErrorClass = z.infer<typeof StageErrorClass>;

export const StageError = z.object({
  class: StageErrorClass,
  /** A code of the public catalogue (`errors.ts`). */
  code: z.string(),
  /** Sentence for the caller. */
  message: z.string(),
  /** For operators only; never leaves the platform. */
  detail: z.string().max(8_000).optional(),
});
export type StageError = z.infer<typeof StageError>;

const Answer = Envelope.extend({
  runId: RunId,
  stage: Stage,
  fence: z.number().int().positive(),
  executionId: z.string().min(1).max(40),
  workerId: WorkerId,
  engineFingerprint: z.string(),
  /** Time the stage itself took, without waiting. */
  durationMs: z.number().nonnegative(),
});

export const StageRequestedBase = Requested;
export const StageAnswerBase = Answer;

export const STAGE_EVENTS = {
  'prompt-expansion': stageEvents('prompt-expansion'),
  'reference-encoding': stageEvents('reference-encoding'),
  denoising: stageEvents('denoising'),
  decoding: stageEvents('decoding'),
  scoring: stageEvents('scoring'),
} as const;

function stageEvents<S extends Stage>(stage: S) {
  const { input, result } = STAGE_MESSAGES[stage];
  return {
    requested: Requested.extend({ stage: z.literal(stage), input: input as (typeof STAGE_MESSAGES)[S]['input'] }),
    completed: Answer.extend({ stage: z.literal(stage), result: result as (typeof STAGE_MESSAGES)[S]['result'] }),
    failed: Answer.extend({ stage: z.literal(stage), error: StageError }),
  };
}

export type StageRequested<S extends Stage = Stage> = z.infer<(typeof STAGE_EVENTS)[S]['requested']>;
export type StageCompleted<S extends Stage = Stage> = z.infer<(typeof STAGE_EVENTS)[S]['completed']>;
export type StageFailed<S extends Stage = Stage> = z.infer<(typeof STAGE_EVENTS)[S]['failed']>;
