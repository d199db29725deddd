import type { Submission } from '@atelier/ports';
import { jsonText, plainText } from './json-text.js';
import { insertEvents, insertOutbox, insertRuns, type Notification, notified, Statement } from './statement.js';

/**
 * A submission as one statement. Its result is one row: `created` (1 or 0) and, when the idempotency key was there
 * already, the generation and request hash it stands for. Both may be missing when another session inserted the key
 * after this statement had begun: the caller then reads the key.
 */
export const submitStatement = (
  submission: Submission,
  now: number,
  notification?: Notification,
): { sql: string; parameters: readonly unknown[] } => {
  const statement = new Statement();
  const { generation, idempotency } = submission;
  const tenantId = `${statement.parameter(generation.tenantId)}::text`;
  const at = `${statement.parameter(now)}::bigint`;
  let existing = 'SELECT NULL::text AS generation_id, NULL::text AS request_hash';
  if (idempotency !== undefined) {
    const key = `${statement.parameter(plainText(idempotency.key))}::text`;
    statement.with(
      'claimed_key',
      `INSERT INTO idempotency_keys (tenant_id, key, request_hash, generation_id, created_at)
       VALUES (${tenantId}, ${key}, ${statement.parameter(idempotency.requestHash)},
               ${statement.parameter(generation.id)}, ${at})
       ON CONFLICT DO NOTHING RETURNING generation_id`,
    );
    existing = `SELECT generation_id, request_hash FROM idempotency_keys WHERE tenant_id = ${tenantId} AND key = ${key}`;
  }
  statement.with(
    'ensured_tenant',
    `INSERT INTO tenants (id, name, weight, created_at) VALUES (${tenantId}, ${tenantId}, 1, ${at})
     ON CONFLICT DO NOTHING`,
  );
  insertGeneration(statement, submission, idempotency === undefined ? '' : 'FROM claimed_key');
  insertRuns(statement, 'created', submission.runs, now);
  insertEvents(statement, '(SELECT id, 0 AS last_sequence FROM created)', submission.events);
  insertOutbox(statement, 'created', submission.outbox, now);
  return statement.finish(
    `SELECT c.*, e.generation_id, e.request_hash
     FROM (SELECT count(*)::int AS created${notified(statement, notification)} FROM created) c
     LEFT JOIN (${existing}) e ON true`,
  );
};

const insertGeneration = (statement: Statement, { generation, events }: Submission, source: string): void => {
  const json = (value: unknown): string => `${statement.parameter(value === null ? null : jsonText(value))}::jsonb`;
  const text = (value: string | null): string => `${statement.parameter(value)}::text`;
  const moment = (value: number | null): string => `${statement.parameter(value)}::bigint`;
  statement.with(
    'created',
    `INSERT INTO generations (id, tenant_id, state, request, weights, samples, expansion, warnings, error, traceparent,
                              created_at, started_at, finished_at, deadline_at, last_sequence)
     SELECT ${text(generation.id)}, ${text(generation.tenantId)}, ${text(generation.state)},
            ${json(generation.request)}, ${json(generation.weights)}, ${json(generation.samples)},
            ${json(generation.expansion)}, ${json(generation.warnings)}, ${json(generation.error)},
            ${text(generation.traceparent)}, ${moment(generation.createdAt)}, ${moment(generation.startedAt)},
            ${moment(generation.finishedAt)}, ${moment(generation.request.deadlineAt ?? null)}, ${statement.parameter(events.length)}::int
     ${source} RETURNING id`,
  );
};
