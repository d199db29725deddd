import type { EventLogEntry } from '@atelier/contracts';
import type { Generation, GenerationAggregate, StageRun } from '@atelier/ports';
import type { Prisma } from './generated/client.js';

export type RunRow = Prisma.StageRunGetPayload<object>;
export type AggregateRow = Prisma.GenerationGetPayload<{ include: { runs: true } }>;
type EventRow = Prisma.EventLogRowGetPayload<object>;

// What the columns hold was written through the port's types: the casts below only give the names back.
const cast = <T>(value: unknown): T => value as T;
const moment = (value: bigint | null): number | null => (value === null ? null : Number(value));

export const runOf = (row: RunRow): StageRun => ({
  id: row.id,
  generationId: row.generationId,
  tenantId: row.tenantId,
  stage: cast(row.stage),
  sampleIndex: row.sampleIndex,
  candidateIndex: row.candidateIndex,
  outputIndex: row.outputIndex,
  referenceIndex: row.referenceIndex,
  state: cast(row.state),
  fence: row.fence,
  attempts: cast(row.attempts),
  lostWorkers: cast(row.lostWorkers),
  workerId: row.workerId,
  leaseUntil: moment(row.leaseUntil),
  nextAttemptAt: Number(row.nextAttemptAt),
  priority: cast(row.priority),
  predictedMs: row.predictedMs,
  durationMs: row.durationMs,
  step: row.step,
  steps: row.steps,
  input: row.input,
  result: row.result,
  error: cast(row.error),
  checkpoint: row.checkpoint,
  previewKey: row.previewKey,
  createdAt: Number(row.createdAt),
  readyAt: moment(row.readyAt),
  startedAt: moment(row.startedAt),
  finishedAt: moment(row.finishedAt),
  traceparent: row.traceparent,
});

const generationOf = (row: AggregateRow): Generation => ({
  id: row.id,
  tenantId: row.tenantId,
  state: cast(row.state),
  request: cast(row.request),
  weights: cast(row.weights),
  samples: cast(row.samples),
  expansion: cast(row.expansion),
  warnings: cast(row.warnings),
  error: cast(row.error),
  traceparent: row.traceparent,
  createdAt: Number(row.createdAt),
  startedAt: moment(row.startedAt),
  finishedAt: moment(row.finishedAt),
});

export const aggregateOf = (row: AggregateRow): GenerationAggregate => ({
  generation: generationOf(row),
  runs: row.runs.map(runOf),
  lastSequence: row.lastSequence,
});

export const eventOf = (row: EventRow): EventLogEntry => ({
  sequence: row.sequence,
  type: cast(row.type),
  at: Number(row.at),
  ...(row.stage === null ? {} : { stage: cast(row.stage) }),
  ...(row.runId === null ? {} : { runId: row.runId }),
  ...(row.sampleIndex === null ? {} : { sampleIndex: row.sampleIndex }),
  ...(row.candidateIndex === null ? {} : { candidateIndex: row.candidateIndex }),
  ...(row.outputIndex === null ? {} : { outputIndex: row.outputIndex }),
  data: cast(row.data),
});
