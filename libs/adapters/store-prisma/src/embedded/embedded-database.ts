import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '@atelier/ports';
import { type DataFolderLock, lockDataFolder } from './data-folder-lock.js';
import type {
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerOptions,
  Durability,
  QueryReply,
  SerializedDatabaseError,
  TextValue,
  WorkerMessage,
} from './database-protocol.js';
import { extractTar } from './tar-archive.js';

/** Thrown when PostgreSQL refused a statement; `report.code` is the SQLSTATE. */
export class DatabaseStatementError extends Error {
  override readonly name = 'DatabaseStatementError';
  constructor(readonly report: SerializedDatabaseError) {
    super(report.message);
  }
}

/**
 * Thrown when the database thread cannot start, or died: whether an unanswered write is stored is not known then. A
 * database on files starts again with the next statement.
 */
export class DatabaseUnavailableError extends StoreUnavailableError {
  override readonly name = 'DatabaseUnavailableError';
}

/** Thrown when the data folder holds something else than a database. */
export class NotADataFolderError extends Error {
  override readonly name = 'NotADataFolderError';
  constructor(readonly dataDir: string) {
    super(`${dataDir} is neither empty nor a database folder; choose another folder`);
  }
}

type Unsent = DatabaseRequest extends infer R ? (R extends DatabaseRequest ? Omit<R, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (reply: QueryReply) => void;
  readonly reject: (error: Error) => void;
}

export interface EmbeddedDatabaseOptions {
  /** Folder of the database files, created when missing; `memory` keeps everything in memory. */
  readonly dataDir: string;
  /** @default 'process' */
  readonly durability?: Durability;
  /** Gives the archive that a new database starts from. A new database in memory can do without, a folder cannot. */
  readonly template?: () => Promise<string>;
  /** Writes after which dead rows are removed and the write-ahead log is cut, at the next quiet moment. @default 5000 */
  readonly writesPerMaintenance?: number;
}

/** While it cannot start (the disk is full), statements fail at once instead of each trying again. */
const RESTART_PAUSE_MS = 1_000;

/**
 * The embedded PostgreSQL, seen from the store's thread: statements go to the database thread in one message per
 * turn of the event loop, replies come back the same way. One session: a transaction holds back everything else.
 */
export class EmbeddedDatabase {
  readonly #options: DatabaseWorkerOptions;
  readonly #lock: DataFolderLock | null;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #unsent: DatabaseRequest[] = [];
  #nextId = 1;
  #isClosed = false;
  #starting: Promise<void> | null = null;
  #failure: { readonly error: DatabaseUnavailableError; readonly atMs: number } | null = null;
  /** Settles when the transaction that owns the session ends; null when nobody owns it. */
  #sessionFree: Promise<void> | null = null;

  private constructor(options: DatabaseWorkerOptions, lock: DataFolderLock | null) {
    this.#options = options;
    this.#lock = lock;
  }

  static async open(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const { durability = 'process', template, writesPerMaintenance = 5_000 } = options;
    const dataDir = options.dataDir === 'memory' ? null : path.resolve(options.dataDir);
    if (dataDir !== null) mkdirSync(path.dirname(dataDir), { recursive: true });
    const lock = dataDir === null ? null : lockDataFolder(dataDir);
    try {
      let templatePath: string | null = null;
      if (dataDir === null) templatePath = (await template?.()) ?? null;
      else if (!isDataFolder(dataDir) && template !== undefined) {
        createDataFolder(dataDir, await template(), durability === 'machine');
      }
      const database = new EmbeddedDatabase({ dataDir, durability, templatePath, writesPerMaintenance }, lock);
      await database.#start();
      return database;
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  /** Runs one statement outside of any transaction, after the transaction that owns the session, if there is one. */
  async query(sql: string, params: readonly TextValue[]): Promise<QueryReply> {
    while (this.#sessionFree !== null) await this.#sessionFree;
    return this.#send({ kind: 'query', sql, params });
  }

  async script(sql: string): Promise<void> {
    while (this.#sessionFree !== null) await this.#sessionFree;
    await this.#send({ kind: 'script', sql });
  }

  /** Takes the session for a transaction. */
  async begin(isolationLevel?: string): Promise<EmbeddedTransaction> {
    while (this.#sessionFree !== null) await this.#sessionFree;
    let free = (): void => undefined;
    this.#sessionFree = new Promise((resolve) => {
      free = () => {
        this.#sessionFree = null;
        resolve();
      };
    });
    try {
      await this.#send({
        kind: 'query',
        sql: isolationLevel === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolationLevel}`,
        params: [],
      });
    } catch (error) {
      free();
      throw error;
    }
    const owner = this.#worker;
    const run = async (sql: string, params: readonly TextValue[] = []): Promise<QueryReply> => {
      // A thread started since knows nothing of this transaction: it would take COMMIT and have nothing to commit.
      if (this.#worker !== owner) throw new DatabaseUnavailableError('the transaction ended with its database thread');
      return this.#send({ kind: 'query', sql, params });
    };
    const end = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      try {
        await run(sql);
      } finally {
        free();
      }
    };
    return { query: run, commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') };
  }

  /** Writes the data folder as a tar archive, for `template`. */
  async dump(file: string): Promise<void> {
    await this.#send({ kind: 'dump', path: file });
  }

  /** Whatever happens, the thread is gone and the folder free afterwards. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    const worker = this.#worker;
    try {
      if (worker !== null) {
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        await this.#send({ kind: 'close' });
        await ended;
      }
    } finally {
      this.#isClosed = true;
      await worker?.terminate();
      this.#lock?.release();
    }
  }

  #send(request: Unsent): Promise<QueryReply> {
    if (this.#worker === null) return this.#restart().then(() => this.#send(request));
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push({ ...request, id } as DatabaseRequest);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #flush(): void {
    const batch = this.#unsent;
    this.#unsent = [];
    this.#worker?.postMessage(batch);
  }

  #settle(reply: DatabaseReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new DatabaseStatementError(reply.error));
  }

  async #start(): Promise<void> {
    const worker = new Worker(workerUrl(), { workerData: this.#options, name: 'database' });
    await ready(worker);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'replies') for (const reply of message.replies) this.#settle(reply);
    });
    worker.on('error', (error) => this.#fail(worker, `the database thread failed: ${error.message}`));
    worker.on('exit', (code) => this.#fail(worker, `the database thread ended with code ${code}`));
    this.#worker = worker;
  }

  async #restart(): Promise<void> {
    if (this.#isClosed) throw new DatabaseUnavailableError('the database is closed');
    const pausing = this.#failure !== null && performance.now() - this.#failure.atMs < RESTART_PAUSE_MS;
    // What was in memory only is gone: an empty database would look like data loss without a word.
    if (this.#failure !== null && (pausing || this.#options.dataDir === null)) throw this.#failure.error;
    this.#starting ??= this.#start()
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#failure = { error: new DatabaseUnavailableError(reason), atMs: performance.now() };
        throw this.#failure.error;
      })
      .finally(() => {
        this.#starting = null;
      });
    await this.#starting;
  }

  #fail(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const error = new DatabaseUnavailableError(reason);
    if (this.#options.dataDir === null) this.#failure = { error, atMs: performance.now() };
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#unsent = [];
  }
}

export interface EmbeddedTransaction {
  query(sql: string, params: readonly TextValue[]): Promise<QueryReply>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

const isDataFolder = (dataDir: string): boolean => {
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) return true;
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) throw new NotADataFolderError(dataDir);
  return false;
};

/** Under another name until it is whole: a process that dies in between leaves no half database behind. */
const createDataFolder = (dataDir: string, templatePath: string, sync: boolean): void => {
  const draft = `${dataDir}.new`;
  rmSync(draft, { recursive: true, force: true });
  extractTar(templatePath, draft, sync);
  renameSync(draft, dataDir);
};

/** From sources the worker is TypeScript too, and Node strips its types. */
const workerUrl = (): URL => {
  const extension = path.extname(fileURLToPath(import.meta.url));
  return new URL(`./database-worker${extension}`, import.meta.url);
};

const ready = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (message: string): void =>
      reject(new DatabaseUnavailableError(`the database cannot open: ${message}`));
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'failed') failed(message.message);
    });
    worker.once('error', (error) => failed(error.message));
    worker.once('exit', (code) => failed(`exit code ${code}`));
  });
