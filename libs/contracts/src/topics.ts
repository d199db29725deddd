import type { z } from 'zod';
import {
  GenerationCanceled,
  GenerationFinished,
  GenerationProgressed,
  GenerationSubmitted,
} from './events/generation-events.js';
import { STAGE_EVENTS } from './events/stage-events.js';
import { DeadLetter, WorkerAssigned, WorkerDraining, WorkerReported } from './events/worker-events.js';
import { STAGES, type Stage } from './stages.js';

export interface TopicDefinition<T = unknown> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** `queue`: one consumer of the owning group handles it. `broadcast`: every process reads it from the end. */
  readonly delivery: 'queue' | 'broadcast';
  readonly partitions: number;
  readonly retentionMs: number;
}

const HOUR_MS = 3_600_000;

const topic = <T>(
  name: string,
  schema: z.ZodType<T>,
  options: Partial<TopicDefinition<T>> = {},
): TopicDefinition<T> => ({
  name,
  schema,
  delivery: 'queue',
  partitions: 6,
  retentionMs: 24 * HOUR_MS,
  ...options,
});

/** Catalogue of everything that travels: `<noun>.<past participle>.v<major>`, key = generation id. */
export const TOPICS = {
  'generation.submitted.v1': topic('generation.submitted.v1', GenerationSubmitted),
  'generation.canceled.v1': topic('generation.canceled.v1', GenerationCanceled, {
    delivery: 'broadcast',
    partitions: 1,
    retentionMs: HOUR_MS,
  }),
  'generation.progressed.v1': topic('generation.progressed.v1', GenerationProgressed, { retentionMs: HOUR_MS }),
  'generation.finished.v1': topic('generation.finished.v1', GenerationFinished),
  'prompt-expansion.requested.v1': topic('prompt-expansion.requested.v1', STAGE_EVENTS['prompt-expansion'].requested),
  'prompt-expansion.completed.v1': topic('prompt-expansion.completed.v1', STAGE_EVENTS['prompt-expansion'].completed),
  'prompt-expansion.failed.v1': topic('prompt-expansion.failed.v1', STAGE_EVENTS['prompt-expansion'].failed),
  'reference-encoding.requested.v1': topic(
    'reference-encoding.requested.v1',
    STAGE_EVENTS['reference-encoding'].requested,
  ),
  'reference-encoding.completed.v1': topic(
    'reference-encoding.completed.v1',
    STAGE_EVENTS['reference-encoding'].completed,
  ),
  'reference-encoding.failed.v1': topic('reference-encoding.failed.v1', STAGE_EVENTS['reference-encoding'].failed),
  'denoising.requested.v1': topic('denoising.requested.v1', STAGE_EVENTS.denoising.requested, { partitions: 64 }),
  'denoising.completed.v1': topic('denoising.completed.v1', STAGE_EVENTS.denoising.completed),
  'denoising.failed.v1': topic('denoising.failed.v1', STAGE_EVENTS.denoising.failed),
  'decoding.requested.v1': topic('decoding.requested.v1', STAGE_EVENTS.decoding.requested),
  'decoding.completed.v1': topic('decoding.completed.v1', STAGE_EVENTS.decoding.completed),
  'decoding.failed.v1': topic('decoding.failed.v1', STAGE_EVENTS.decoding.failed),
  'scoring.requested.v1': topic('scoring.requested.v1', STAGE_EVENTS.scoring.requested),
  'scoring.completed.v1': topic('scoring.completed.v1', STAGE_EVENTS.scoring.completed),
  'scoring.failed.v1': topic('scoring.failed.v1', STAGE_EVENTS.scoring.failed),
  'worker.reported.v1': topic('worker.reported.v1', WorkerReported, {
    delivery: 'broadcast',
    partitions: 1,
    retentionMs: HOUR_MS,
  }),
  'worker.assigned.v1': topic('worker.assigned.v1', WorkerAssigned, {
    delivery: 'broadcast',
    partitions: 1,
    retentionMs: HOUR_MS,
  }),
  'worker.draining.v1': topic('worker.draining.v1', WorkerDraining, {
    delivery: 'broadcast',
    partitions: 1,
    retentionMs: HOUR_MS,
  }),
  'dead-letter.v1': topic('dead-letter.v1', DeadLetter, { partitions: 1, retentionMs: 7 * 24 * HOUR_MS }),
} as const satisfies Record<string, TopicDefinition<never> | TopicDefinition>;

export type TopicName = keyof typeof TOPICS;
export type TopicValue<N extends TopicName> = z.infer<(typeof TOPICS)[N]['schema']>;

export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[];

export const stageTopic = <S extends Stage, V extends 'requested' | 'completed' | 'failed'>(
  stage: S,
  verb: V,
): `${S}.${V}.v1` => `${stage}.${verb}.v1`;

export const stageTopics = (verb: 'requested' | 'completed' | 'failed'): TopicName[] =>
  STAGES.map((stage) => stageTopic(stage, verb));
