// Real: the embedded PostgreSQL in memory and Prisma's migration engine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitStatement } from './commit-statement.js';
import { draftMigration } from './draft-migration.js';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { MigrationHistoryError, migrate } from './migrate.js';
import { EXPIRED_LEASES, OVERDUE_GENERATIONS, READY_RUNS, runsInState } from './queue-queries.js';

// Building a database from nothing takes seconds.
describe('migrations', { timeout: 120_000 }, () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await EmbeddedDatabase.open({ dataDir: 'memory' });
  }, 120_000);
  afterAll(() => database.close());

  it('apply once, and then find nothing to do', async () => {
    expect(await migrate(embeddedAdapter(database))).toEqual(['0001_initial', '0002_index_unfinished_runs']);
    expect(await migrate(embeddedAdapter(database))).toEqual([]);
  });

  it('lead to exactly what prisma/schema.prisma describes', async () => {
    expect(await draftMigration()).toContain('This is an empty migration.');
  });

  it('give every queue query an index of its own', async () => {
    for (const [sql, parameters, index] of [
      [READY_RUNS, ['0', '10'], 'stage_runs_ready_idx'],
      [EXPIRED_LEASES, ['0', '10'], 'stage_runs_lease_idx'],
      [OVERDUE_GENERATIONS, ['0', '10'], 'generations_deadline_idx'],
      [runsInState(['ready']), ['10'], 'stage_runs_unfinished_idx'],
    ] as const) {
      const plan = (await database.query(`EXPLAIN ${sql}`, parameters)).rows.flat().join('\n');
      // The limit right above the index: the rows come in order and the walk ends early.
      expect(plan).toMatch(new RegExp(`Limit[^\\n]*\\n +-> +Index (Only )?Scan using ${index} `));
    }
  });

  it('lead every guard to its rows by their primary key, however many rows share their state', async () => {
    const { sql, parameters } = commitStatement(
      {
        generationId: 'gen_1',
        guard: { kind: 'run', runId: 'run_1', fence: 1, states: ['ready'] },
        expectedSequence: 1,
      },
      { now: 0, spendingShards: 1 },
    );
    const plan = (await database.query(`EXPLAIN ${sql}`, parameters.map(String))).rows.flat().join('\n');
    expect(plan).toContain('Index Scan using generations_pkey');
    expect(plan).toMatch(/Index Scan using stage_runs_(pkey|generation_id_idx)/);
  });

  it('refuse a database whose history is not theirs', async () => {
    await database.script(`UPDATE _prisma_migrations SET checksum = 'edited'`);
    await expect(migrate(embeddedAdapter(database))).rejects.toThrow(MigrationHistoryError);
    await database.script(`UPDATE _prisma_migrations SET migration_name = '0099_of_the_future'`);
    await expect(migrate(embeddedAdapter(database))).rejects.toThrow(MigrationHistoryError);
  });
});
