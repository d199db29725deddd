import { z } from 'zod';
import { Stage } from './stages.js';

/**
 * Kinds of entries in a generation's event log. A client that reads the log from sequence 0 to the terminal entry
 * knows everything that happened; the stream of events over HTTP is this log, nothing else.
 */
export const EVENT_LOG_TYPES = [
  'generation.queued',
  'generation.running',
  'prompt.expanded',
  'stage.started',
  'stage.progressed',
  'stage.completed',
  'stage.retrying',
  'stage.failed',
  'sample.succeeded',
  'sample.failed',
  'generation.succeeded',
  'generation.failed',
  'generation.canceled',
  'generation.rejected',
] as const;
export const EventLogType = z.enum(EVENT_LOG_TYPES);
export type EventLogType = z.infer<typeof EventLogType>;

export const EventLogEntry = z.object({
  /** 1, 2, 3 ... without gaps within a generation. */
  sequence: z.number().int().positive(),
  type: EventLogType,
  at: z.number().int(),
  stage: Stage.optional(),
  runId: z.string().optional(),
  sampleIndex: z.number().int().optional(),
  candidateIndex: z.number().int().optional(),
  outputIndex: z.number().int().optional(),
  /** Kind-specific and public: step/steps, preview key, durations, error code and sentence. */
  data: z.record(z.string(), z.unknown()),
});
export type EventLogEntry = z.infer<typeof EventLogEntry>;

/** True for the entry that ends a log. */
export const isTerminalEntry = (type: EventLogType): boolean =>
  type === 'generation.succeeded' ||
  type === 'generation.failed' ||
  type === 'generation.canceled' ||
  type === 'generation.rejected';
