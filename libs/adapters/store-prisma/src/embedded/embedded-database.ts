import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
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

/** Thrown when the database thread could not start, or died: nothing unacknowledged is known to be stored. */
export class DatabaseUnavailableError extends Error {
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

/**
 * The embedded PostgreSQL, seen from the store's thread: statements go to the database thread in one message per
 * turn of the event loop, replies come back the same way. One session: a transaction holds back everything else.
 */
export class EmbeddedDatabase {
  readonly #worker: Worker;
  readonly #lock: DataFolderLock | null;
  readonly #waiting = new Map<number, Waiting>();
  #unsent: DatabaseRequest[] = [];
  #nextId = 1;
  #gone: DatabaseUnavailableError | null = null;
  /** Settles when the transaction that owns the session ends; null when nobody owns it. */
  #sessionFree: Promise<void> | null = null;

  private constructor(worker: Worker, lock: DataFolderLock | null) {
    this.#worker = worker;
    this.#lock = lock;
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'replies') for (const reply of message.replies) this.#settle(reply);
    });
    worker.on('error', (error) => this.#fail(`the database thread failed: ${error.message}`));
    worker.on('exit', (code) => this.#fail(`the database thread ended with code ${code}`));
  }

  static async open(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const { durability = 'process', template } = options;
    const dataDir = options.dataDir === 'memory' ? null : path.resolve(options.dataDir);
    if (dataDir !== null) mkdirSync(path.dirname(dataDir), { recursive: true });
    const lock = dataDir === null ? null : lockDataFolder(dataDir);
    try {
      let templatePath: string | null = null;
      if (dataDir === null) templatePath = (await template?.()) ?? null;
      else if (!isDataFolder(dataDir) && template !== undefined) {
        createDataFolder(dataDir, await template(), durability === 'machine');
      }
      const workerOptions: DatabaseWorkerOptions = {
        dataDir,
        durability,
        templatePath,
        writesPerMaintenance: options.writesPerMaintenance ?? 5_000,
      };
      const worker = new Worker(workerUrl(), { workerData: workerOptions, name: 'database' });
      await ready(worker);
      return new EmbeddedDatabase(worker, lock);
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
    const run = (sql: string, params: readonly TextValue[] = []): Promise<QueryReply> =>
      this.#send({ kind: 'query', sql, params });
    try {
      await run(isolationLevel === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolationLevel}`);
    } catch (error) {
      free();
      throw error;
    }
    const end = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      try {
        await run(sql);
      } finally {
        free();
      }
    };
    return { query: run, commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') };
  }

  /** Writes the data folder as a tar archive, for `templatePath`. */
  async dump(file: string): Promise<void> {
    await this.#send({ kind: 'dump', path: file });
  }

  async close(): Promise<void> {
    if (this.#gone !== null) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.#send({ kind: 'close' });
    await ended;
    this.#lock?.release();
  }

  #send(request: Unsent): Promise<QueryReply> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push({ ...request, id } as DatabaseRequest);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #flush(): void {
    const batch = this.#unsent;
    this.#unsent = [];
    this.#worker.postMessage(batch);
  }

  #settle(reply: DatabaseReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new DatabaseStatementError(reply.error));
  }

  #fail(reason: string): void {
    this.#gone ??= new DatabaseUnavailableError(reason);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
    this.#lock?.release();
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
