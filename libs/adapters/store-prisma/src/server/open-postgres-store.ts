import { randomUUID } from 'node:crypto';
import type { Clock, GenerationStore } from '@atelier/ports';
import pg from 'pg';
import { CommitHints } from '../commit-hints.js';
import { createStore } from '../create-store.js';
import { migrate } from '../migrate.js';
import { encodeCommit } from './commit-channel.js';
import { CommitListener } from './commit-listener.js';
import { asStoreError, DatabaseServerUnavailableError, tellingLosses } from './database-loss.js';
import { migrationAdapter, serverAdapter } from './server-adapter.js';

export interface PostgresStoreOptions {
  /** `postgresql://user:password@host:port/database`. The database must exist; its tables are made and migrated. */
  readonly url: string;
  readonly clock: Clock;
  /** Connections of this process besides the one that listens. @default 10 */
  readonly poolSize?: number;
  /** What the server's list of sessions calls this process. @default 'atelier' */
  readonly applicationName?: string;
  /** While the server cannot be reached at the start: how long to go on trying. @default 30,000 */
  readonly openWithinMs?: number;
  /** A connection must be had within this time. @default 5,000 */
  readonly connectTimeoutMs?: number;
  /** A statement must be answered within this time. @default 15,000 */
  readonly answerTimeoutMs?: number;
  /** Pause between checks of the listening connection, each followed by a look at everything. @default 10,000 */
  readonly listenCheckMs?: number;
}

/** Of PostgreSQL's advisory locks, on the database that is migrated. Any number, the same in every process. */
const MIGRATION_LOCK = 7_250_331_190;
const OPEN_RETRY_MS = 250;
const CLOSE_WITHIN_MS = 1_000;

/**
 * The generation store on a PostgreSQL server, for several processes at once: they migrate one after the other, hear of
 * each other's commits (`watch`, `onWork`) by notification, and get `StoreUnavailableError` while the server is away.
 */
export const openPostgresStore = async (options: PostgresStoreOptions): Promise<GenerationStore> => {
  const { clock, openWithinMs = 30_000 } = options;
  const deadlineMs = clock.monotonicMs() + openWithinMs;
  for (;;) {
    try {
      return await open(options);
    } catch (error) {
      const told = asStoreError(error);
      const isLast = clock.monotonicMs() + OPEN_RETRY_MS >= deadlineMs;
      if (!(told instanceof DatabaseServerUnavailableError) || isLast) throw told;
    }
    await clock.sleep(OPEN_RETRY_MS);
  }
};

const open = async (options: PostgresStoreOptions): Promise<GenerationStore> => {
  const { clock, poolSize = 10, answerTimeoutMs = 15_000 } = options;
  const connection = {
    connectionString: options.url,
    application_name: options.applicationName ?? 'atelier',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
  };
  await migrateOneAtATime(connection);

  // The server gives up first, so that its session does not work on for nobody.
  const limits = { statement_timeout: Math.floor(answerTimeoutMs * 0.9), query_timeout: answerTimeoutMs };
  const pool = new pg.Pool({ ...connection, ...limits, max: poolSize, idleTimeoutMillis: 60_000 });
  // An idle connection that breaks leaves the pool by itself; unheard, its error would end the process.
  pool.on('error', () => undefined);
  const hints = new CommitHints();
  const origin = randomUUID();
  const listener = new CommitListener({
    connection: { ...connection, ...limits },
    hints,
    origin,
    clock,
    ...(options.listenCheckMs === undefined ? {} : { checkMs: options.listenCheckMs }),
  });
  const close = async (): Promise<void> => {
    const ended = new AbortController();
    const ending = Promise.all([listener.close(), pool.end()]).finally(() => ended.abort());
    // Statements under way are waited for, but not a server that has stopped answering.
    await Promise.race([ending, clock.sleep(CLOSE_WITHIN_MS, ended.signal)]);
  };
  try {
    await listener.open();
    const store = await createStore({
      adapter: serverAdapter(pool),
      isMigrated: true,
      clock,
      hints,
      notificationOf: (hint) => encodeCommit(origin, hint),
      onClose: close,
    });
    const serverTime = async (): Promise<number> => {
      const { rows } = await pool.query<{ ms: string }>(
        'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS ms',
      );
      return Number(rows[0]?.ms);
    };
    return tellingLosses(Object.assign(store, { serverTime }));
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};

/** The lock belongs to a session: it is free again once its process has gone, however it went. */
const migrateOneAtATime = async (connection: pg.ClientConfig): Promise<void> => {
  const session = new pg.Client(connection);
  session.on('error', () => undefined);
  try {
    await session.connect();
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(migrationAdapter(connection));
  } finally {
    await session.end().catch(() => undefined);
  }
};
