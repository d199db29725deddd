import type { NewEvent, NewOutboxRow, StageRun } from '@atelier/ports';
import { RUN_COLUMNS } from './columns.js';
import { jsonText } from './json-text.js';

/** One SQL statement with its parameters, built piece by piece. */
export class Statement {
  readonly #steps: string[] = [];
  readonly #parameters: unknown[] = [];

  /** Adds a parameter and returns its placeholder. */
  parameter(value: unknown): string {
    this.#parameters.push(value);
    return `$${this.#parameters.length}`;
  }

  /** A list of objects as one parameter; PostgreSQL unfolds it with `jsonb_to_recordset`. */
  records(values: readonly unknown[]): string {
    return `${this.parameter(jsonText(values))}::jsonb`;
  }

  /** Adds a `WITH` step. All steps see the database as it was when the statement began. */
  with(name: string, sql: string): void {
    this.#steps.push(`${name} AS (${sql})`);
  }

  finish(select: string): { sql: string; parameters: readonly unknown[] } {
    return { sql: `WITH ${this.#steps.join(',\n')}\n${select}`, parameters: this.#parameters };
  }
}

const RUN_COLUMN_NAMES = RUN_COLUMNS.map(([, column]) => column).join(', ');

/** Inserts runs once per row of `source`, which has one row when the transition is allowed and none otherwise. */
export const insertRuns = (statement: Statement, source: string, runs: readonly StageRun[], now: number): void => {
  if (runs.length === 0) return;
  const rows = runs.map((run) => ({ ...runRecord(run), failed_at: run.error === null ? null : now }));
  statement.with(
    'inserted_runs',
    `INSERT INTO stage_runs (${RUN_COLUMN_NAMES}, failed_at)
     SELECT ${RUN_COLUMNS.map(([, column]) => `n.${column}`).join(', ')}, n.failed_at
     FROM ${source}, jsonb_populate_recordset(NULL::stage_runs, ${statement.records(rows)}) n`,
  );
};

/** The given fields of a run under the names of their columns. */
export const runRecord = (run: Partial<StageRun>): Record<string, unknown> => {
  const record: Record<string, unknown> = {};
  for (const [field, column] of RUN_COLUMNS) if (run[field] !== undefined) record[column] = run[field];
  return record;
};

/** `source` gives the generation's `id` and the `last_sequence` before these entries. */
export const insertEvents = (statement: Statement, source: string, events: readonly NewEvent[]): void => {
  if (events.length === 0) return;
  const rows = events.map((event, index) => ({
    position: index + 1,
    type: event.type,
    at: event.at,
    stage: event.stage,
    run_id: event.runId,
    sample_index: event.sampleIndex,
    candidate_index: event.candidateIndex,
    output_index: event.outputIndex,
    data: event.data,
  }));
  statement.with(
    'inserted_events',
    `INSERT INTO event_log
       (generation_id, sequence, type, at, stage, run_id, sample_index, candidate_index, output_index, data)
     SELECT a.id, a.last_sequence + e.position, e.type, e.at, e.stage, e.run_id,
            e.sample_index, e.candidate_index, e.output_index, e.data
     FROM ${source} a, jsonb_to_recordset(${statement.records(rows)}) AS e(
       position int, type text, at bigint, stage text, run_id text,
       sample_index int, candidate_index int, output_index int, data jsonb)`,
  );
};

export const insertOutbox = (
  statement: Statement,
  source: string,
  outbox: readonly NewOutboxRow[],
  now: number,
): void => {
  if (outbox.length === 0) return;
  const rows = outbox.map((row, index) => ({ ...row, position: index }));
  // Ids are drawn after the sort, so rows of one commit keep their order.
  statement.with(
    'inserted_outbox',
    `INSERT INTO outbox (topic, key, value, headers, partition, created_at)
     SELECT o.topic, o.key, o.value, o.headers, o.partition, ${statement.parameter(now)}::bigint
     FROM ${source}, jsonb_to_recordset(${statement.records(rows)}) AS o(
       position int, topic text, key text, value text, headers jsonb, partition int)
     ORDER BY o.position`,
  );
};

/** What other processes on the same server hear once the statement is committed. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
}

/**
 * One more column for a `SELECT` of aggregates over the rows that a statement was allowed to write: without such a row
 * nothing is sent. PostgreSQL delivers it after the commit, and not at all if the statement fails.
 */
export const notified = (statement: Statement, notification: Notification | undefined): string => {
  if (notification === undefined) return '';
  const { channel, payload } = notification;
  return `, min(pg_notify(${statement.parameter(channel)}, ${statement.parameter(payload)})::text) AS notified`;
};
