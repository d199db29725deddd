// Entry of the database thread: PGlite runs here, so that a statement of some milliseconds never holds up the event
// loop that serves requests. From sources this file runs by Node's type stripping: hence erasable syntax only, and
// no import of another source file by value.
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type PGliteOptions, protocol } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import type {
  Column,
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerOptions,
  QueryReply,
  SerializedDatabaseError,
  TextValue,
  WorkerMessage,
} from './database-protocol.js';

const { serialize } = protocol;
const options = workerData as DatabaseWorkerOptions;
if (parentPort === null) throw new Error('the database worker runs in a worker thread only');
const port = parentPort;
const send = (message: WorkerMessage): void => port.postMessage(message);

/** Statements kept prepared; beyond that the longest unused one is closed. */
const MAX_PREPARED = 256;
/** Replies are held back at most this long to share a message with the next ones. */
const MAX_REPLY_DELAY_MS = 1;
/**
 * PGlite has neither checkpointer nor autovacuum: after `writesPerMaintenance` writes, and a moment without requests,
 * this thread does both. A load that never pauses gets them anyway after so many times as many writes.
 */
const IDLE_BEFORE_MAINTENANCE_MS = 500;
const FORCED_MAINTENANCE_FACTOR = 10;

interface PreparedStatement {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly writes: boolean;
}

/** A statement of `WITH` steps that write reports its last SELECT only: its text tells what it does. */
const WRITING = /\b(?:INSERT INTO|UPDATE|DELETE FROM)\b/;

class ReportedError extends Error {
  readonly report: SerializedDatabaseError;
  constructor(report: SerializedDatabaseError) {
    super(report.message);
    this.report = report;
  }
}

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

const prepared = new Map<string, PreparedStatement>();
let preparedCount = 0;
let writesSinceMaintenance = 0;

const concatenate = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
};

type BackendMessage = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number];

const exchange = async (parts: readonly Uint8Array[]): Promise<BackendMessage[]> => {
  const { messages } = await database.execProtocol(concatenate(parts), { throwOnError: false, syncToFs: false });
  const failure = messages.find((message) => message.name === 'error');
  if (failure !== undefined) throw new ReportedError(reportOf(failure as unknown as SerializedDatabaseError));
  return messages;
};

const reportOf = (error: SerializedDatabaseError): SerializedDatabaseError => ({
  message: error.message,
  code: error.code ?? 'XX000',
  severity: error.severity ?? 'ERROR',
  detail: error.detail,
  column: error.column,
  constraint: error.constraint,
  table: error.table,
  hint: error.hint,
});

const query = async (sql: string, params: readonly TextValue[]): Promise<QueryReply> => {
  const known = prepared.get(sql);
  const values = [...params];
  if (known !== undefined) {
    // Moved to the end: the map's order is the order of last use.
    prepared.delete(sql);
    prepared.set(sql, known);
    if (known.writes) writesSinceMaintenance += 1;
    const messages = await exchange([
      serialize.bind({ statement: known.name, values }),
      serialize.execute(),
      serialize.sync(),
    ]);
    return replyOf(messages, known.columns);
  }
  preparedCount += 1;
  const name = `s${preparedCount}`;
  const messages = await exchange([
    serialize.parse({ name, text: sql }),
    serialize.describe({ type: 'S', name }),
    serialize.bind({ statement: name, values }),
    serialize.execute(),
    serialize.sync(),
  ]);
  const description = messages.find((message) => message.name === 'rowDescription') as
    | { fields: { name: string; dataTypeID: number }[] }
    | undefined;
  const columns = (description?.fields ?? []).map((field) => ({ name: field.name, typeId: field.dataTypeID }));
  const writes = WRITING.test(sql);
  if (writes) writesSinceMaintenance += 1;
  prepared.set(sql, { name, columns, writes });
  await closeLongestUnused();
  return replyOf(messages, columns);
};

const closeLongestUnused = async (): Promise<void> => {
  if (prepared.size <= MAX_PREPARED) return;
  const [oldest] = prepared;
  if (oldest === undefined) return;
  prepared.delete(oldest[0]);
  await exchange([serialize.close({ type: 'S', name: oldest[1].name }), serialize.sync()]);
};

const replyOf = (messages: readonly BackendMessage[], columns: readonly Column[]): QueryReply => {
  const rows: TextValue[][] = [];
  let affectedRows = 0;
  for (const message of messages) {
    if (message.name === 'dataRow') rows.push((message as unknown as { fields: TextValue[] }).fields);
    else if (message.name === 'commandComplete') {
      const words = (message as unknown as { text: string }).text.split(' ');
      const count = Number(words.at(-1));
      if (words[0] !== 'SELECT' && Number.isInteger(count)) affectedRows += count;
    }
  }
  return { columns, rows, affectedRows };
};

const nothing: QueryReply = { columns: [], rows: [], affectedRows: 0 };

const script = async (sql: string): Promise<QueryReply> => {
  await exchange([serialize.query(sql)]);
  if (prepared.size > 0 && !database.isInTransaction()) {
    prepared.clear();
    await exchange([serialize.query('DEALLOCATE ALL')]);
  }
  return nothing;
};

const dump = async (path: string): Promise<QueryReply> => {
  await exchange([serialize.query('CHECKPOINT')]);
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
  if (options.dataDir !== null) await exchange([serialize.query('CHECKPOINT')]);
  await database.close();
  if (options.dataDir !== null && options.durability === 'machine') syncFolder(options.dataDir);
  return nothing;
};

const execute = (request: DatabaseRequest): Promise<QueryReply> => {
  switch (request.kind) {
    case 'query':
      return query(request.sql, request.params);
    case 'script':
      return script(request.sql);
    case 'dump':
      return dump(request.path);
    case 'close':
      return close();
  }
};

/** Without it the write-ahead log, and with it the recovery after a crash, would grow for ever; so would dead rows. */
const maintain = async (): Promise<void> => {
  if (database.isInTransaction()) return;
  writesSinceMaintenance = 0;
  await exchange([serialize.query('VACUUM (ANALYZE)')]);
  await exchange([serialize.query('CHECKPOINT')]);
};

const queue: DatabaseRequest[] = [];
let working = false;
let maintenanceTimer: NodeJS.Timeout | undefined;

const run = async (): Promise<void> => {
  if (working) return;
  working = true;
  clearTimeout(maintenanceTimer);
  let replies: DatabaseReply[] = [];
  let heldSince = performance.now();
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    const { id } = request;
    try {
      const value = await execute(request);
      replies.push({ id, ok: true, value });
    } catch (error) {
      replies.push({ id, ok: false, error: errorReport(error) });
    }
    if (queue.length === 0 || performance.now() - heldSince >= MAX_REPLY_DELAY_MS) {
      send({ kind: 'replies', replies });
      replies = [];
      heldSince = performance.now();
    }
    if (request.kind === 'close') process.exit(0);
    if (writesSinceMaintenance >= options.writesPerMaintenance * FORCED_MAINTENANCE_FACTOR) await maintain();
  }
  working = false;
  if (writesSinceMaintenance >= options.writesPerMaintenance) scheduleMaintenance();
};

const errorReport = (error: unknown): SerializedDatabaseError => {
  if (error instanceof ReportedError) return error.report;
  const message = error instanceof Error ? error.message : String(error);
  return {
    message,
    code: 'XX000',
    severity: 'ERROR',
    detail: undefined,
    column: undefined,
    constraint: undefined,
    table: undefined,
    hint: undefined,
  };
};

const scheduleMaintenance = (): void => {
  maintenanceTimer = setTimeout(() => {
    working = true;
    void maintain().finally(() => {
      working = false;
      void run();
    });
  }, IDLE_BEFORE_MAINTENANCE_MS);
};

port.on('message', (requests: readonly DatabaseRequest[]) => {
  queue.push(...requests);
  void run();
});
send({ kind: 'ready' });
