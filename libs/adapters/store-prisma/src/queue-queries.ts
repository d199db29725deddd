import { GENERATION_STATES, STAGES, TERMINAL_STATES } from '@atelier/contracts';
import { isRunActive, PRIORITY_DELAY_MS, STAGE_RUN_STATES, type StageRunState } from '@atelier/domain';
import { RUN_COLUMNS } from './columns.js';

// The conditions below are repeated word for word in partial indices of the migrations: PostgreSQL uses such an index
// only for a statement that names the same constants, so they are part of the text and no parameters.

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');
const runColumns = (alias: string): string =>
  RUN_COLUMNS.map(([field, column]) => `${alias}.${column} AS "${field}"`).join(', ');

/** `urgencyAt` of the domain in SQL. */
export const URGENCY_AT = `(created_at + CASE priority WHEN 'high' THEN ${PRIORITY_DELAY_MS.high} WHEN 'normal' THEN ${PRIORITY_DELAY_MS.normal} ELSE ${PRIORITY_DELAY_MS.low} END)`;

/**
 * $1 = now, $2 = runs per tenant and stage. One short walk through stage_runs_ready_idx for each tenant and stage: the
 * cost grows with the number of tenants, not with the length of their queues.
 */
export const READY_RUNS = `
  SELECT ${runColumns('r')}
  FROM tenants t
  CROSS JOIN (VALUES ${STAGES.map((stage) => `('${stage}')`).join(', ')}) AS s(stage)
  CROSS JOIN LATERAL (
    SELECT *, ${URGENCY_AT} AS urgency_at FROM stage_runs
    WHERE tenant_id = t.id AND stage = s.stage AND state = 'ready' AND next_attempt_at <= $1::bigint
    ORDER BY ${URGENCY_AT}, id LIMIT $2::int
  ) r
  ORDER BY r.urgency_at, r.id`;

/**
 * $1 = limit. By stage_runs_unfinished_idx as long as no finished state is asked for. No state at all gives no row.
 */
export const runsInState = (states: readonly StageRunState[]): string => {
  const known = STAGE_RUN_STATES.filter((state) => states.includes(state));
  return `
  SELECT ${runColumns('r')} FROM stage_runs r
  WHERE ${known.length === 0 ? 'false' : `state IN (${quoted(known)})`}
  ORDER BY created_at, id LIMIT $1::int`;
};

/** $1 = now, $2 = limit. By stage_runs_lease_idx. */
export const EXPIRED_LEASES = `
  SELECT ${runColumns('r')} FROM stage_runs r
  WHERE state IN ('dispatched', 'running') AND lease_until < $1::bigint
  ORDER BY lease_until, id LIMIT $2::int`;

/** $1 = now, $2 = limit. By generations_deadline_idx. */
export const OVERDUE_GENERATIONS = `
  SELECT id FROM generations
  WHERE state NOT IN (${quoted(TERMINAL_STATES)}) AND deadline_at <= $1::bigint
  ORDER BY deadline_at, id LIMIT $2::int`;

const UNFINISHED_RUNS = STAGE_RUN_STATES.filter(isRunActive);
/** Named one by one: by "not in" of the ends the whole history would be read. */
const UNFINISHED_GENERATIONS = GENERATION_STATES.filter(
  (state) => !(TERMINAL_STATES as readonly string[]).includes(state),
);

/**
 * Unfinished generations and the predicted time of their runs, by tenant. By generations_state_idx and
 * stage_runs_unfinished_idx.
 */
export const TENANT_LOADS = `
  SELECT g.tenant_id, COALESCE(t.weight, 1) AS weight, g.jobs, COALESCE(r.remaining_ms, 0) AS remaining_ms
  FROM (
    SELECT tenant_id, count(*)::int AS jobs FROM generations
    WHERE state IN (${quoted(UNFINISHED_GENERATIONS)}) GROUP BY tenant_id
  ) g
  LEFT JOIN tenants t ON t.id = g.tenant_id
  LEFT JOIN (
    SELECT tenant_id, sum(predicted_ms) AS remaining_ms FROM stage_runs
    WHERE state IN (${quoted(UNFINISHED_RUNS)}) GROUP BY tenant_id
  ) r ON r.tenant_id = g.tenant_id`;

/** By stage_runs_unfinished_idx: the history is not read. */
export const QUEUE_TOTALS = `
  SELECT tenant_id, stage,
         COALESCE(sum(predicted_ms) FILTER (WHERE state = 'ready'), 0) AS ready_ms,
         COALESCE(sum(predicted_ms) FILTER (WHERE state <> 'ready'), 0) AS in_flight_ms,
         min(COALESCE(ready_at, created_at)) FILTER (WHERE state = 'ready') AS oldest_ready_at
  FROM stage_runs WHERE state IN ('ready', 'dispatched', 'running')
  GROUP BY tenant_id, stage ORDER BY tenant_id, stage`;

/** Two looks at the beginning of an index, however long queue and history are. */
export const IS_IDLE = `
  SELECT NOT EXISTS (SELECT FROM generations WHERE state IN (${quoted(UNFINISHED_GENERATIONS)}))
     AND NOT EXISTS (SELECT FROM outbox) AS idle`;

/** $1 = limit. Raw, since the relay asks for it several times a second. */
export const OUTBOX = `
  SELECT id::text AS id, topic, key, value, headers, partition, created_at AS "createdAt"
  FROM outbox ORDER BY outbox.id LIMIT $1::int`;

/** $1 = tenant. The outbox is short: messages wait there for the relay only. */
export const MESSAGES_OF_TENANT = `
  SELECT count(*)::int AS messages FROM outbox o JOIN generations g ON g.id = o.key WHERE g.tenant_id = $1`;
