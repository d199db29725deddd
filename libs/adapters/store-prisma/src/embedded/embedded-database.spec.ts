// Real: the embedded PostgreSQL in its thread.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DataFolderLockedError } from './data-folder-lock.js';
import { databaseTemplate } from './database-template.js';
import {
  DatabaseStatementError,
  DatabaseUnavailableError,
  EmbeddedDatabase,
  NotADataFolderError,
} from './embedded-database.js';

const open = (dataDir: string, writesPerMaintenance = 5_000) =>
  EmbeddedDatabase.open({ dataDir, template: databaseTemplate, writesPerMaintenance });

describe('embedded database', { timeout: 120_000 }, () => {
  let folder: string;
  let database: EmbeddedDatabase;
  const firstValue = async (sql: string, params: string[] = []) => (await database.query(sql, params)).rows[0]?.[0];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-database-'));
    database = await open('memory');
    await database.script('CREATE TABLE numbers (n int PRIMARY KEY); INSERT INTO numbers VALUES (1)');
  }, 120_000);
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('answers statements in the order in which they were sent, each with its own result or error', async () => {
    const results = await Promise.allSettled([
      database.query('INSERT INTO numbers VALUES ($1::int)', ['2']),
      database.query('INSERT INTO numbers VALUES ($1::int)', ['2']),
      database.query('SELECT no_such_column FROM numbers', []),
      database.query('SELECT count(*) FROM numbers', []),
    ]);
    expect(results[0]).toMatchObject({ value: { affectedRows: 1 } });
    expect(results[1]).toMatchObject({ reason: { report: { code: '23505', constraint: 'numbers_pkey' } } });
    expect(results[2]).toMatchObject({ reason: expect.any(DatabaseStatementError) });
    expect(results[3]).toMatchObject({ value: { rows: [['2']] } });
  });

  it('keeps answering when more statements were prepared than it keeps', async () => {
    const texts = Array.from({ length: 600 }, (_, index) => `SELECT ${index} + $1::int`);
    const sums = async () => Promise.all(texts.map((text) => firstValue(text, ['1'])));
    expect(await sums()).toEqual(texts.map((_, index) => String(index + 1)));
    expect(await sums()).toEqual(texts.map((_, index) => String(index + 1)));
  });

  it('prepares statements anew after a script changed the tables', async () => {
    await database.script('CREATE TABLE shapes (a int); INSERT INTO shapes VALUES (7)');
    expect((await database.query('SELECT * FROM shapes', [])).columns).toHaveLength(1);
    await database.script("ALTER TABLE shapes ADD COLUMN b text DEFAULT 'x'");
    expect((await database.query('SELECT * FROM shapes', [])).rows).toEqual([['7', 'x']]);
  });

  it('lets nobody into a transaction, and undoes it on rollback', async () => {
    const transaction = await database.begin();
    await transaction.query('INSERT INTO numbers VALUES ($1::int)', ['99']);
    const outside = firstValue('SELECT count(*) FROM numbers WHERE n = 99');
    const later = database.begin();
    await transaction.rollback();
    expect(await outside).toBe('0');
    const next = await later;
    await next.query('INSERT INTO numbers VALUES ($1::int)', ['100']);
    await next.commit();
    expect(await firstValue('SELECT count(*) FROM numbers WHERE n = 100')).toBe('1');
  });

  it('keeps a second opener out, and a folder that holds something else', async () => {
    const dataDir = path.join(folder, 'locked');
    const first = await open(dataDir);
    await expect(open(dataDir)).rejects.toThrow(DataFolderLockedError);
    await first.close();
    const foreign = path.join(folder, 'foreign');
    mkdirSync(foreign);
    writeFileSync(path.join(foreign, 'letter.txt'), 'dear');
    await expect(open(foreign)).rejects.toThrow(NotADataFolderError);
  });

  it('starts over what an earlier process began to create and did not finish', async () => {
    const dataDir = path.join(folder, 'interrupted');
    mkdirSync(path.join(`${dataDir}.new`, 'base'), { recursive: true });
    writeFileSync(path.join(`${dataDir}.new`, 'PG_VERSION'), '18');
    const opened = await open(dataDir);
    expect((await opened.query('SELECT 1', [])).rows).toEqual([['1']]);
    await opened.close();
    expect(existsSync(`${dataDir}.new`)).toBe(false);
  });

  it('removes dead rows and cuts the write-ahead log by itself, so that a long life does not fill the disk', async () => {
    const dataDir = path.join(folder, 'busy');
    const busy = await open(dataDir, 20);
    await busy.script('CREATE TABLE counter (id int PRIMARY KEY, padding text)');
    await busy.query("INSERT INTO counter VALUES (1, repeat('x', 4000))", []);
    for (let write = 0; write < 3_000; write += 1) {
      await busy.query('UPDATE counter SET padding = reverse(padding) || $1 WHERE id = 1', ['y']);
    }
    const size = await busy.query("SELECT pg_relation_size('counter')", []);
    expect(Number(size.rows[0]?.[0])).toBeLessThan(4_000_000);
    const segments = readdirSync(path.join(dataDir, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name));
    expect(segments.length).toBeLessThan(60);
    await busy.close();
  });

  it('tells everyone who waits when the database thread is gone', async () => {
    const doomed = await open('memory');
    await expect(doomed.query('SELECT pg_sleep($1::float8)', ['not a number'])).rejects.toThrow(DatabaseStatementError);
    await doomed.close();
    await expect(doomed.query('SELECT 1', [])).rejects.toThrow(DatabaseUnavailableError);
  });

  it('fails what waits when PostgreSQL gives up, and starts again with everything that was acknowledged', async () => {
    const dataDir = path.join(folder, 'panicking');
    const hurt = await open(dataDir);
    await hurt.script('CREATE TABLE kept (n serial PRIMARY KEY, padding text)');
    const transaction = await hurt.begin();
    // Without its folder the write-ahead log cannot go on: PostgreSQL panics, as it does when the disk is full.
    renameSync(path.join(dataDir, 'pg_wal'), path.join(folder, 'pg_wal'));
    const insert = "INSERT INTO kept (padding) VALUES (repeat('x', $1::int))";
    const write = async (): Promise<never> => {
      for (;;) await transaction.query(insert, ['1000']);
    };
    await expect(write()).rejects.toThrow(DatabaseStatementError);
    renameSync(path.join(folder, 'pg_wal'), path.join(dataDir, 'pg_wal'));
    await expect(transaction.commit()).rejects.toThrow(DatabaseUnavailableError);
    expect((await hurt.query('SELECT count(*) FROM kept', [])).rows).toEqual([['0']]);
    await hurt.query(insert, ['1']);
    await hurt.close();
    const again = await open(dataDir);
    expect((await again.query('SELECT count(*) FROM kept', [])).rows).toEqual([['1']]);
    await again.close();
  });

  it('waits for the disk with every commit when it shall survive the loss of power', async () => {
    const dataDir = path.join(folder, 'machine');
    const durable = await EmbeddedDatabase.open({ dataDir, template: databaseTemplate, durability: 'machine' });
    await durable.script('CREATE TABLE kept (n int)');
    const syncs = async () => {
      // Statistics are published now and then only, unless asked for.
      await durable.query('SELECT pg_stat_force_next_flush()', []);
      const sql = "SELECT COALESCE(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'";
      return Number((await durable.query(sql, [])).rows[0]?.[0]);
    };
    const before = await syncs();
    for (let write = 0; write < 5; write += 1)
      await durable.query('INSERT INTO kept VALUES ($1::int)', [String(write)]);
    await vi.waitFor(async () => expect(await syncs()).toBeGreaterThanOrEqual(before + 5), { timeout: 10_000 });
    await durable.close();
  });
});
