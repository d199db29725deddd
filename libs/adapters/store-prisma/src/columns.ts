import type { Generation, StageRun } from '@atelier/ports';

/** Columns of a stage run in the order of the table: field of the port, column, SQL type. */
export const RUN_COLUMNS = [
  ['id', 'id', 'text'],
  ['generationId', 'generation_id', 'text'],
  ['tenantId', 'tenant_id', 'text'],
  ['stage', 'stage', 'text'],
  ['sampleIndex', 'sample_index', 'int'],
  ['candidateIndex', 'candidate_index', 'int'],
  ['outputIndex', 'output_index', 'int'],
  ['referenceIndex', 'reference_index', 'int'],
  ['state', 'state', 'text'],
  ['fence', 'fence', 'int'],
  ['attempts', 'attempts', 'jsonb'],
  ['lostWorkers', 'lost_workers', 'jsonb'],
  ['workerId', 'worker_id', 'text'],
  ['leaseUntil', 'lease_until', 'bigint'],
  ['nextAttemptAt', 'next_attempt_at', 'bigint'],
  ['priority', 'priority', 'text'],
  ['predictedMs', 'predicted_ms', 'float8'],
  ['durationMs', 'duration_ms', 'float8'],
  ['step', 'step', 'int'],
  ['steps', 'steps', 'int'],
  ['input', 'input', 'jsonb'],
  ['result', 'result', 'jsonb'],
  ['error', 'error', 'jsonb'],
  ['checkpoint', 'checkpoint', 'jsonb'],
  ['previewKey', 'preview_key', 'text'],
  ['createdAt', 'created_at', 'bigint'],
  ['readyAt', 'ready_at', 'bigint'],
  ['startedAt', 'started_at', 'bigint'],
  ['finishedAt', 'finished_at', 'bigint'],
  ['traceparent', 'traceparent', 'text'],
] as const satisfies readonly (readonly [keyof StageRun, string, string])[];

type MissingRunColumn = Exclude<keyof StageRun, (typeof RUN_COLUMNS)[number][0]>;
const everyRunFieldHasAColumn: [MissingRunColumn] extends [never] ? true : MissingRunColumn = true;
void everyRunFieldHasAColumn;

/** Columns of a generation that a transition may write. */
export const GENERATION_CHANGE_COLUMNS = {
  state: ['state', 'text'],
  samples: ['samples', 'jsonb'],
  expansion: ['expansion', 'jsonb'],
  warnings: ['warnings', 'jsonb'],
  error: ['error', 'jsonb'],
  startedAt: ['started_at', 'bigint'],
  finishedAt: ['finished_at', 'bigint'],
} as const satisfies Partial<Record<keyof Generation, readonly [string, string]>>;
