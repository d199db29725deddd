import { z } from 'zod';
import { EventLogEntry } from '../event-log.js';
import { GenerationState } from '../events/generation-events.js';
import { Explanation, Facts, PlannedObject, Warning } from '../facts.js';
import { Box } from '../generation-request.js';
import { ScoringAnswer } from '../stage-messages.js';
import { Stage } from '../stages.js';
import { Timings } from './image-api.js';

export const JobOutput = z.object({
  index: z.number().int(),
  url: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  bytes: z.number().int(),
  content_type: z.string(),
  sha256: z.string(),
});
export type JobOutput = z.infer<typeof JobOutput>;

export const JobCandidate = z.object({
  index: z.number().int(),
  seed: z.number().int(),
  score: z.number().nullable(),
  chosen: z.boolean(),
  answers: z.array(ScoringAnswer),
  outputs: z.array(JobOutput),
});
export type JobCandidate = z.infer<typeof JobCandidate>;

export const PublicError = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  stage: Stage.nullable(),
});
export type PublicError = z.infer<typeof PublicError>;

export const SAMPLE_STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const SampleState = z.enum(SAMPLE_STATES);
export type SampleState = z.infer<typeof SampleState>;

export const JobSample = z.object({
  index: z.number().int(),
  status: SampleState,
  error: PublicError.nullable(),
  layout: z.array(PlannedObject),
  candidates: z.array(JobCandidate),
});
export type JobSample = z.infer<typeof JobSample>;

export const JobRun = z.object({
  id: z.string(),
  stage: Stage,
  state: z.string(),
  sample: z.number().int().nullable(),
  candidate: z.number().int().nullable(),
  output: z.number().int().nullable(),
  attempt: z.number().int(),
  worker: z.string().nullable(),
  ready_at: z.number().int().nullable(),
  started_at: z.number().int().nullable(),
  finished_at: z.number().int().nullable(),
  predicted_ms: z.number(),
  duration_ms: z.number().nullable(),
  /** Of a completed reference-encoding: whether the picture's keys and values were in the cache. */
  cache_hit: z.boolean().optional(),
  /** Of a reference-encoding: which of the job's `references` it read. */
  reference: z.number().int().optional(),
  error: PublicError.nullable(),
});
export type JobRun = z.infer<typeof JobRun>;

export const JobReference = z.object({
  role: z.string(),
  url: z.string(),
  /** What was made of the picture before it was read: `hole`, `edges`, `sketch`. */
  preparation: z.string().optional(),
  /** The mask of a picture with a hole, where one was sent. */
  mask_url: z.string().optional(),
});
export type JobReference = z.infer<typeof JobReference>;

/** A job as clients see it: `GET /v1/jobs/{id}` and the first event of its stream. Times in epoch milliseconds. */
export const Job = z.object({
  id: z.string(),
  object: z.literal('job'),
  status: GenerationState,
  task: z.string(),
  model: z.string(),
  prompt: z.string(),
  created_at: z.number().int(),
  started_at: z.number().int().nullable(),
  finished_at: z.number().int().nullable(),
  /** Place in the queue (0 = next) and why it waits; null once it runs. */
  queue: z.object({ position: z.number().int(), reason: z.string() }).nullable(),
  progress: z.object({
    value: z.number().min(0).max(1),
    stage: Stage.nullable(),
    step: z.number().int().nullable(),
    steps: z.number().int().nullable(),
    preview_url: z.string().nullable(),
  }),
  request: z.object({
    n: z.number().int(),
    outputs: z.number().int(),
    best_of: z.number().int(),
    size: z.string(),
    seed: z.number().int(),
    steps: z.number().int(),
    guidance: z.number(),
    priority: z.string(),
    output_format: z.string(),
    expand_prompt: z.union([z.string(), z.number()]),
    metadata: z.record(z.string(), z.string()),
    /** Where an edit acts, in fractions of what is drawn; absent where nobody said. */
    edit_box: Box.optional(),
  }),
  expansion: z
    .object({ original: z.string(), expanded: z.string(), facts: Facts, explanation: z.array(Explanation) })
    .nullable(),
  /** One entry per frame where several prompts were given or drawn jointly; absent for one. */
  expansions: z
    .array(z.object({ original: z.string(), expanded: z.string(), facts: Facts, explanation: z.array(Explanation) }))
    .optional(),
  /** Pictures that an edit started from, in the order of the request; absent where there are none. */
  references: z.array(JobReference).optional(),
  samples: z.array(JobSample),
  runs: z.array(JobRun),
  warnings: z.array(Warning),
  error: PublicError.nullable(),
  timings: Timings,
  cost: z.object({ compute_ms: z.number(), predicted_ms: z.number(), charged_images: z.number().int() }),
  links: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
});
export type Job = z.infer<typeof Job>;

export const JobList = z.object({
  object: z.literal('list'),
  data: z.array(Job),
  next_cursor: z.string().nullable(),
});
export type JobList = z.infer<typeof JobList>;

/** `data:` of the stream `GET /v1/jobs/{id}/events`; the SSE id is `entry.sequence` (0 for the snapshot). */
export const JobStreamEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), job: Job }),
  z.object({ kind: z.literal('entry'), entry: EventLogEntry, preview_url: z.string().optional() }),
]);
export type JobStreamEvent = z.infer<typeof JobStreamEvent>;

export const ModelInfo = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().int(),
  owned_by: z.string(),
  profile: z.string(),
  fingerprint: z.string(),
  sizes: z.array(z.string()),
  default_size: z.string(),
  steps: z.object({ default: z.number().int(), min: z.number().int(), max: z.number().int() }),
  guidance: z.number(),
  limits: z.record(z.string(), z.number()),
  tasks: z.array(
    z.object({
      name: z.string(),
      trained: z.boolean(),
      /** How many pictures the task reads; absent for a task that this version does not know. */
      references: z.object({ min: z.number().int(), max: z.number().int() }).optional(),
      /** What those pictures may be, in the order in which they are taken. */
      roles: z.array(z.string()).optional(),
      /** Pictures drawn jointly. */
      outputs: z.object({ min: z.number().int(), max: z.number().int() }).optional(),
    }),
  ),
  vocabulary: z.object({
    /** What people call the things; `concept_ids` are the ids that facts and layouts use, in the same order. */
    concepts: z.array(z.string()),
    concept_ids: z.array(z.string()).optional(),
    styles: z.array(z.string()),
    places: z.array(z.string()),
    times: z.array(z.string()),
    colours: z.array(z.string()),
  }),
  licences: z.array(z.object({ name: z.string(), licence: z.string() })),
});
export type ModelInfo = z.infer<typeof ModelInfo>;

export const ModelList = z.object({ object: z.literal('list'), data: z.array(ModelInfo) });
export type ModelList = z.infer<typeof ModelList>;

/** OpenAI's error object plus what a program needs to decide what to do next. */
export const ErrorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    code: z.string(),
    param: z.string().nullable(),
    retryable: z.boolean(),
    stage: Stage.nullable(),
    doc: z.string(),
    request_id: z.string(),
    job: z.string().optional(),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** `GET /v1/operations`: what the operations page shows. */
export const OperationsSnapshot = z.object({
  at: z.number().int(),
  queue: z.array(
    z.object({
      job: z.string(),
      run: z.string(),
      stage: Stage,
      tenant: z.string(),
      priority: z.string(),
      position: z.number().int(),
      waiting_ms: z.number(),
      predicted_ms: z.number(),
      reason: z.string(),
    }),
  ),
  running: z.array(
    z.object({
      job: z.string(),
      run: z.string(),
      stage: Stage,
      worker: z.string(),
      attempt: z.number().int(),
      step: z.number().int().nullable(),
      steps: z.number().int().nullable(),
      running_ms: z.number(),
      lease_left_ms: z.number(),
    }),
  ),
  workers: z.array(
    z.object({
      id: z.string(),
      stage: Stage,
      in_flight: z.number().int(),
      capacity: z.number().int(),
      seen_ms_ago: z.number(),
    }),
  ),
  failures: z.array(
    z.object({
      job: z.string(),
      at: z.number().int(),
      stage: Stage.nullable(),
      code: z.string(),
      message: z.string(),
      detail: z.string().nullable(),
      attempt: z.number().int(),
    }),
  ),
  totals: z.object({
    by_state: z.record(z.string(), z.number().int()),
    outbox_pending: z.number().int(),
    stage_ms: z.record(z.string(), z.object({ runs: z.number().int(), mean_ms: z.number() })),
  }),
});
export type OperationsSnapshot = z.infer<typeof OperationsSnapshot>;
