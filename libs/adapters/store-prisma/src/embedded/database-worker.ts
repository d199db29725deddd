// Entry of the database thread: PGlite runs here, so that a statement of some milliseconds never holds up the event
// loop that serves requests. From sources this file runs by Node's type stripping: hence erasable syntax only, and
// other source files are imported under the name they have there.
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import type {
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerOptions,
  QueryReply,
  WorkerMessage,
} from './database-protocol.js';

const extension = path.extname(fileURLToPath(import.meta.url));
const { DatabaseSession, errorReport } = (await import(
  new URL(`./database-session${extension}`, import.meta.url).href
)) as typeof import('./database-session.js');
const options = workerData as DatabaseWorkerOptions;
if (parentPort === null) throw new Error('the database worker runs in a worker thread only');
const port = parentPort;
const send = (message: WorkerMessage): void => port.postMessage(message);

/** Replies are held back at most this long to share a message with the next ones. */
const MAX_REPLY_DELAY_MS = 1;
/** Maintenance waits for so long a pause, unless it is overdue: then one step follows each request. */
const PAUSE_BEFORE_MAINTENANCE_MS = 500;
const OVERDUE_FACTOR = 2;

/** Passes fsync of the database's files on to the disk; PGlite's own file system ignores it. */
class SyncingNodeFS extends NodeFS {
  override async init(...[pg, moduleOptions]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const initialised = await super.init(pg, moduleOptions);
    interface NodeFsModule {
      FS: { filesystems: { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } } };
    }
    const preRun = initialised.emscriptenOpts.preRun as unknown as ((module: NodeFsModule) => void)[];
    preRun.push((module) => {
      module.FS.filesystems.NODEFS.stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd);
        return 0;
      };
    });
    return initialised;
  }
}

/** One session that serves point reads and writes. */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '32MB',
  jit: 'off',
  // Rough statistics do: every query goes by a key. Analysing takes a tenth of the time.
  default_statistics_target: '10',
  // Every statement finds its rows by an index. A plan made while a table was small must not scan it for ever after.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

const openDatabase = (): Promise<PGlite> => {
  const syncing = options.durability === 'machine' && options.dataDir !== null;
  const parameters = PGlite.defaultStartParams
    // `-F` turns fsync off. With fsync on, the method matters: fdatasync never reaches the file system layer.
    .filter((parameter) => !(syncing && parameter === '-F'))
    .concat(syncing ? ['-c', 'wal_sync_method=fsync'] : [])
    .concat(Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]));
  const common: PGliteOptions = { startParams: parameters };
  if (options.dataDir !== null) {
    return PGlite.create({ ...common, fs: syncing ? new SyncingNodeFS(options.dataDir) : new NodeFS(options.dataDir) });
  }
  // Small segments of the write-ahead log: a new one is filled with zeros while a commit waits.
  common.initDbStartParams = ['--wal-segsize=1'];
  if (options.templatePath !== null) common.loadDataDir = new Blob([readFileSync(options.templatePath)]);
  return PGlite.create({ ...common, dataDir: 'memory://' });
};

const database = await openDatabase().catch((error: unknown) => {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});

const session = new DatabaseSession(database);

const nothing: QueryReply = { columns: [], rows: [], affectedRows: 0 };

const dump = async (path: string): Promise<QueryReply> => {
  await session.command('CHECKPOINT');
  const archive = await database.dumpDataDir('none');
  writeFileSync(path, new Uint8Array(await archive.arrayBuffer()));
  return nothing;
};

const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
};

const close = async (): Promise<QueryReply> => {
  if (options.dataDir !== null) await session.command('CHECKPOINT');
  await database.close();
  if (options.dataDir !== null && options.durability === 'machine') syncFolder(options.dataDir);
  return nothing;
};

const execute = async (request: DatabaseRequest): Promise<QueryReply> => {
  switch (request.kind) {
    case 'query':
      return session.query(request.sql, request.params);
    case 'script':
      await session.script(request.sql);
      return nothing;
    case 'dump':
      return dump(request.path);
    case 'close':
      return close();
  }
};

/**
 * PGlite has neither autovacuum nor checkpointer: without this, dead rows, the write-ahead log and with it the recovery
 * after a crash would grow for ever. In small steps, because requests wait while one runs.
 */
let maintenanceSteps: string[] = [];

const planMaintenance = async (): Promise<string[]> => {
  const tables = await session.query(
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    [],
  );
  const names = [...tables.rows.map(([name]) => name), 'pg_catalog.pg_statistic'];
  return [...names.flatMap((name) => [`VACUUM ${name}`, `ANALYZE ${name}`]), 'CHECKPOINT'];
};

const maintain = async (): Promise<void> => {
  if (session.isInTransaction) return;
  try {
    if (maintenanceSteps.length === 0) {
      session.writes = 0;
      maintenanceSteps = await planMaintenance();
    }
    const step = maintenanceSteps.shift();
    if (step !== undefined) await session.command(step);
  } catch (error) {
    // Nobody waits for it, and the next round tries again.
    maintenanceSteps = [];
    const { message, severity } = errorReport(error);
    process.emitWarning(`maintenance of the embedded database failed: ${message}`);
    if (severity === 'PANIC' || severity === 'FATAL') process.exit(1);
  }
};

const queue: DatabaseRequest[] = [];
let working = false;
let sessionEnded = false;
/** Set until every step of an overdue maintenance is done. */
let isOverdue = false;
let maintenanceTimer: NodeJS.Timeout | undefined;

const replyTo = async (request: DatabaseRequest): Promise<DatabaseReply> => {
  try {
    return { id: request.id, ok: true, value: await execute(request) };
  } catch (error) {
    const report = errorReport(error);
    // After these PostgreSQL is gone (a full disk does it), and PGlite would wait for its next answer for ever.
    sessionEnded ||= report.severity === 'PANIC' || report.severity === 'FATAL';
    return { id: request.id, ok: false, error: report };
  }
};

const run = async (): Promise<void> => {
  if (working) return;
  working = true;
  clearTimeout(maintenanceTimer);
  let replies: DatabaseReply[] = [];
  let heldSince = performance.now();
  const sendReplies = (): void => {
    if (replies.length > 0) send({ kind: 'replies', replies });
    replies = [];
    heldSince = performance.now();
  };
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    replies.push(await replyTo(request));
    if (sessionEnded || queue.length === 0 || performance.now() - heldSince >= MAX_REPLY_DELAY_MS) sendReplies();
    if (request.kind === 'close') process.exit(0);
    if (sessionEnded) process.exit(1);
    if (isOverdue || session.writes >= options.writesPerMaintenance * OVERDUE_FACTOR) {
      sendReplies();
      await maintain();
      isOverdue = maintenanceSteps.length > 0;
    }
  }
  working = false;
  if (session.writes >= options.writesPerMaintenance || maintenanceSteps.length > 0) {
    maintainAfter(PAUSE_BEFORE_MAINTENANCE_MS);
  }
};

/** Between two steps the requests that have come meanwhile go first. */
const maintainAfter = (pauseMs: number): void => {
  maintenanceTimer = setTimeout(async () => {
    working = true;
    await maintain();
    working = false;
    if (queue.length > 0) void run();
    else if (maintenanceSteps.length > 0) maintainAfter(0);
  }, pauseMs);
};

port.on('message', (requests: readonly DatabaseRequest[]) => {
  queue.push(...requests);
  void run();
});
send({ kind: 'ready' });
