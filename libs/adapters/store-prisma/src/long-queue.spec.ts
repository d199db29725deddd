// Real: the embedded PostgreSQL in memory, with ten thousand runs of one tenant in the queue.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { migrate } from './migrate.js';
import { EXPIRED_LEASES, OVERDUE_GENERATIONS, READY_RUNS, runsInState, TENANT_LOADS } from './queue-queries.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const QUEUED = 10_000;
const ENDED = 20_000;

const FILL = `
  INSERT INTO tenants SELECT 'ten_' || n, 'n', 1, 0 FROM generate_series(1, 3) n;
  INSERT INTO generations (id, tenant_id, state, request, weights, samples, warnings, created_at, last_sequence)
  SELECT 'gen_' || n, 'ten_1', CASE WHEN n <= ${QUEUED} THEN 'queued' ELSE 'succeeded' END, '{}', '{}', '[]', '[]', n, 1
  FROM generate_series(1, ${QUEUED + ENDED}) n;
  INSERT INTO stage_runs (id, generation_id, tenant_id, stage, state, fence, attempts, lost_workers, next_attempt_at,
                          priority, predicted_ms, created_at)
  SELECT 'run_' || n, 'gen_' || n, 'ten_1', CASE WHEN n % 2 = 0 THEN 'denoising' ELSE 'prompt-expansion' END,
         CASE WHEN n <= 4 THEN 'running' WHEN n <= ${QUEUED} THEN 'ready' ELSE 'completed' END,
         1, '{}', '[]', 0, 'normal', 5, n
  FROM generate_series(1, ${QUEUED + ENDED}) n`;

/** Rows of runs and generations that a statement touches, whether or not it gives them back. */
const rowsRead = (node: PlanNode): number => {
  const own = /^(stage_runs|generations)$/.test(node['Relation Name'] ?? '')
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return own + (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), 0);
};

describe.each(['before', 'after'])('a queue of ten thousand runs, %s its statistics were taken', (moment) => {
  let database: EmbeddedDatabase;
  const touched = async (sql: string, parameters: string[]): Promise<number> => {
    const { rows } = await database.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters);
    const [plan] = JSON.parse(rows.flat().join('')) as { Plan: PlanNode }[];
    return rowsRead(plan?.Plan as PlanNode);
  };
  beforeAll(async () => {
    database = await EmbeddedDatabase.open({ dataDir: 'memory' });
    await migrate(embeddedAdapter(database));
    await database.script(FILL);
    if (moment === 'after') await database.script('ANALYZE');
  }, 120_000);
  afterAll(() => database.close());

  it('costs a dispatch as many rows as it looks at, not as many as wait', async () => {
    // Means over the loops of the plan, told with two decimals.
    expect(Math.round(await touched(READY_RUNS, ['1', '16']))).toBe(2 * 16);
  });

  it('costs the leader a look at what is out, and nothing of the queue', async () => {
    expect(await touched(runsInState(['dispatched', 'running']), ['10000'])).toBe(4);
    expect(await touched(runsInState(['waiting']), ['500'])).toBe(0);
    expect(await touched(EXPIRED_LEASES, ['1', '100'])).toBe(0);
    expect(await touched(OVERDUE_GENERATIONS, ['1', '100'])).toBe(0);
  });

  it('is all that admission sums up: what has ended is not read', async () => {
    expect(await touched(TENANT_LOADS, [])).toBeLessThanOrEqual(2 * QUEUED);
  });
});
