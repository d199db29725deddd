// Real: the embedded PostgreSQL in memory and Prisma's migration engine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draftMigration } from './draft-migration.js';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { MigrationHistoryError, migrate } from './migrate.js';
import { EXPIRED_LEASES, OVERDUE_GENERATIONS, READY_RUNS } from './queue-queries.js';

// Building a database from nothing takes seconds.
describe('migrations', { timeout: 120_000 }, () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await EmbeddedDatabase.open({ dataDir: 'memory' });
  }, 120_000);
  afterAll(() => database.close());

  it('apply once, and then find nothing to do', async () => {
    expect(await migrate(embeddedAdapter(database))).toEqual(['0001_initial']);
    expect(await migrate(embeddedAdapter(database))).toEqual([]);
  });

  it('lead to exactly what prisma/schema.prisma describes', async () => {
    expect(await draftMigration()).toContain('This is an empty migration.');
  });

  it('give every queue query an index of its own', async () => {
    for (const [sql, index] of [
      [READY_RUNS, 'stage_runs_ready_idx'],
      [EXPIRED_LEASES, 'stage_runs_lease_idx'],
      [OVERDUE_GENERATIONS, 'generations_deadline_idx'],
    ] as const) {
      const plan = (await database.query(`EXPLAIN ${sql}`, ['0', '10'])).rows.flat().join('\n');
      // The limit right above the index: the rows come in order and the walk ends early.
      expect(plan).toMatch(new RegExp(`Limit[^\\n]*\\n +-> +Index (Only )?Scan using ${index} `));
    }
  });

  it('refuse a database whose history is not theirs', async () => {
    await database.script(`UPDATE _prisma_migrations SET checksum = 'edited'`);
    await expect(migrate(embeddedAdapter(database))).rejects.toThrow(MigrationHistoryError);
    await database.script(`UPDATE _prisma_migrations SET migration_name = '0099_of_the_future'`);
    await expect(migrate(embeddedAdapter(database))).rejects.toThrow(MigrationHistoryError);
  });
});
