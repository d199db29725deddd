import { TERMINAL_STATES } from '@atelier/contracts';
import type { Guard, StageRun, Transition } from '@atelier/ports';
import { GENERATION_CHANGE_COLUMNS, RUN_COLUMNS } from './columns.js';
import { jsonText, plainText } from './json-text.js';
import {
  insertEvents,
  insertOutbox,
  insertRuns,
  type Notification,
  notified,
  runRecord,
  Statement,
} from './statement.js';

const TERMINAL_LIST = TERMINAL_STATES.map((state) => `'${state}'`).join(', ');

/**
 * A transition as one statement; its result is one row `applied` (1 or 0). The generation's row is locked before
 * anything else, so the transitions of a generation follow one another and no two of them can block each other for
 * ever; the locking reads see the newest committed version even where the statement's snapshot is older.
 */
export const commitStatement = (
  transition: Transition,
  context: { readonly now: number; readonly spendingShards: number; readonly notification?: Notification | undefined },
): { sql: string; parameters: readonly unknown[] } => {
  const statement = new Statement();
  const { events = [] } = transition;
  lockRows(statement, transition);
  statement.with(
    'allowed',
    `SELECT g.id, g.last_sequence FROM locked_generation g WHERE ${conditionsOf(statement, transition).join(' AND ')}`,
  );

  updateGeneration(statement, transition);
  insertRuns(statement, 'allowed', transition.insertRuns ?? [], context.now);
  updateRuns(statement, transition.updateRuns ?? [], context.now);
  insertEvents(statement, 'allowed', events);
  insertOutbox(statement, 'allowed', transition.outbox ?? [], context.now);
  insertCharges(statement, transition);
  addSpending(statement, transition, context.spendingShards);
  return statement.finish(`SELECT count(*)::int AS applied${notified(statement, context.notification)} FROM allowed`);
};

const lockRows = (statement: Statement, { generationId, guard }: Transition): void => {
  // By primary key alone: a condition on the state could lead PostgreSQL through all rows of that state.
  statement.with(
    'locked_generation',
    `SELECT id, state, last_sequence FROM generations WHERE id = ${statement.parameter(generationId)} FOR UPDATE`,
  );
  if (guard.kind !== 'run') return;
  // The sub-select makes PostgreSQL lock the generation first.
  statement.with(
    'locked_run',
    `SELECT state, fence FROM stage_runs
     WHERE id = ${statement.parameter(guard.runId)} AND generation_id = (SELECT id FROM locked_generation)
     FOR UPDATE`,
  );
};

/** Conditions on the locked rows, so on their newest committed versions. */
const conditionsOf = (statement: Statement, transition: Transition): string[] => {
  const { guard, expectedSequence, charges = [] } = transition;
  const conditions = [guardCondition(statement, guard)];
  if (expectedSequence !== undefined) {
    conditions.push(`g.last_sequence = ${statement.parameter(expectedSequence)}::int`);
  }
  if (charges.length > 0) conditions.push(noneCharged(statement, transition));
  return conditions;
};

const guardCondition = (statement: Statement, guard: Guard): string => {
  switch (guard.kind) {
    case 'generation-active':
      return `g.state NOT IN (${TERMINAL_LIST})`;
    case 'generation-state':
      return `g.state = ${statement.parameter(guard.state)}`;
    case 'run': {
      if (guard.states.length === 0) return 'false';
      const states = guard.states.map((state) => statement.parameter(state)).join(', ');
      const fence = `${statement.parameter(guard.fence)}::int`;
      return `EXISTS (SELECT FROM locked_run r WHERE r.fence = ${fence} AND r.state IN (${states}))`;
    }
  }
};

const noneCharged = (statement: Statement, { generationId, charges = [] }: Transition): string => {
  const samples = charges.map((charge) => `${statement.parameter(charge.sampleIndex)}::int`).join(', ');
  return `NOT EXISTS (SELECT FROM charges c
    WHERE c.generation_id = ${statement.parameter(generationId)} AND c.sample_index IN (${samples}))`;
};

const updateGeneration = (statement: Statement, { generation = {}, events = [] }: Transition): void => {
  const assignments = events.length > 0 ? [`last_sequence = a.last_sequence + ${events.length}`] : [];
  for (const [field, [column, type]] of Object.entries(GENERATION_CHANGE_COLUMNS)) {
    const value = generation[field as keyof typeof generation];
    if (value === undefined) continue;
    const text = type === 'jsonb' && value !== null ? jsonText(value) : value;
    assignments.push(`${column} = ${statement.parameter(text)}::${type}`);
  }
  if (assignments.length === 0) return;
  statement.with(
    'updated_generation',
    `UPDATE generations g SET ${assignments.join(', ')} FROM allowed a WHERE g.id = a.id`,
  );
};

const WRITABLE_RUN_COLUMNS: readonly (readonly [column: string, type: string])[] = [
  ...RUN_COLUMNS.map(([, column, type]) => [column, type] as const),
  ['failed_at', 'bigint'],
];

/** Runs that change the same fields are written together. */
const updateRuns = (statement: Statement, updates: NonNullable<Transition['updateRuns']>, now: number): void => {
  const records = new Map<string, Record<string, unknown>>();
  for (const update of updates) {
    const record = { ...records.get(update.id), ...runRecord(update as Partial<StageRun>) };
    if (update.error !== undefined && update.error !== null) record.failed_at = now;
    records.set(update.id, record);
  }
  const groups = Map.groupBy(records.values(), (record) => Object.keys(record).sort().join(' '));
  for (const [index, [key, group]] of [...groups].entries()) {
    const given = new Set(key.split(' '));
    const columns = WRITABLE_RUN_COLUMNS.filter(([column]) => given.has(column));
    const changed = columns.filter(([column]) => column !== 'id');
    if (changed.length === 0) continue;
    statement.with(
      `updated_runs_${index}`,
      `UPDATE stage_runs r SET ${changed.map(([column]) => `${column} = p.${column}`).join(', ')}
       FROM allowed a, jsonb_to_recordset(${statement.records(group)}) AS p(
         ${columns.map(([column, type]) => `${column} ${type}`).join(', ')})
       WHERE r.id = p.id AND r.generation_id = a.id`,
    );
  }
};

const insertCharges = (statement: Statement, { charges = [] }: Transition): void => {
  if (charges.length === 0) return;
  const rows = charges.map((charge) => ({
    sample_index: charge.sampleIndex,
    tenant_id: charge.tenantId,
    compute_ms: charge.computeMs,
    at: charge.at,
  }));
  statement.with(
    'inserted_charges',
    `INSERT INTO charges (generation_id, sample_index, tenant_id, compute_ms, at)
     SELECT a.id, c.sample_index, c.tenant_id, c.compute_ms, c.at
     FROM allowed a, jsonb_to_recordset(${statement.records(rows)}) AS c(
       sample_index int, tenant_id text, compute_ms float8, at bigint)`,
  );
};

const addSpending = (statement: Statement, { generationId, spentMs }: Transition, shards: number): void => {
  if (spentMs === undefined) return;
  const values = [spentMs.tenantId, spentMs.stage].map((value) => statement.parameter(plainText(value)));
  statement.with(
    'added_spending',
    `INSERT INTO tenant_spending AS t (tenant_id, stage, shard, runs, spent_ms)
     SELECT ${values.join(', ')}, ${statement.parameter(shardOf(generationId, shards))}::smallint, 1,
            ${statement.parameter(spentMs.ms)}::float8
     FROM allowed
     ON CONFLICT (tenant_id, stage, shard)
     DO UPDATE SET runs = t.runs + 1, spent_ms = t.spent_ms + EXCLUDED.spent_ms`,
  );
};

/** Ids end in random characters: any simple sum spreads them. */
const shardOf = (generationId: string, shards: number): number => {
  let sum = 0;
  for (let index = 0; index < generationId.length; index += 1) sum += generationId.charCodeAt(index);
  return sum % shards;
};
