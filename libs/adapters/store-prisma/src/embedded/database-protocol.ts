/**
 * What travels between the store's thread and the database thread. Requests and replies are posted in batches;
 * the database is one session, so requests are executed strictly in the order in which they were posted.
 */

/** Parameters travel as PostgreSQL text; null is SQL NULL. */
export type TextValue = string | null;

export interface Column {
  readonly name: string;
  /** OID of the column's type. */
  readonly typeId: number;
}

export type DatabaseRequest =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly params: readonly TextValue[] }
  /** Several statements without parameters. Forgets all prepared statements: the script may have changed tables. */
  | { readonly id: number; readonly kind: 'script'; readonly sql: string }
  /** Writes the whole data folder, as an uncompressed tar archive, to a file. */
  | { readonly id: number; readonly kind: 'dump'; readonly path: string }
  | { readonly id: number; readonly kind: 'close' };

export interface QueryReply {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly TextValue[])[];
  readonly affectedRows: number;
}

/** Fields of a PostgreSQL error report. `code` is the SQLSTATE. */
export interface SerializedDatabaseError {
  readonly message: string;
  readonly code: string;
  readonly severity: string;
  readonly detail: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly hint: string | undefined;
}

export type DatabaseReply =
  | { readonly id: number; readonly ok: true; readonly value: QueryReply }
  | { readonly id: number; readonly ok: false; readonly error: SerializedDatabaseError };

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'replies'; readonly replies: readonly DatabaseReply[] };

/**
 * `process`: what was acknowledged survives the death of the process at any moment (the operating system has it).
 * `machine`: also the loss of power (every commit waits for the disk).
 */
export type Durability = 'process' | 'machine';

export interface DatabaseWorkerOptions {
  /** Absolute path of the data folder; null keeps everything in memory. */
  readonly dataDir: string | null;
  readonly durability: Durability;
  /** Archive that a database in memory starts from; null runs initdb. */
  readonly templatePath: string | null;
  readonly writesPerMaintenance: number;
}
