// Used by the database thread only. From sources it runs by Node's type stripping: hence erasable syntax, and no import
// of another source file by value.
import { type PGlite, protocol } from '@electric-sql/pglite';
import type { Column, QueryReply, SerializedDatabaseError, TextValue } from './database-protocol.js';

const { serialize } = protocol;

/** Statements kept prepared; beyond that the longest unused one is closed. */
const MAX_PREPARED = 256;

/** A statement of `WITH` steps that write reports its last SELECT only: its text tells what it does. */
const WRITING = /\b(?:INSERT INTO|UPDATE|DELETE FROM)\b/;

interface PreparedStatement {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly writes: boolean;
}

type BackendMessage = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number];

class ReportedError extends Error {
  readonly report: SerializedDatabaseError;
  constructor(report: SerializedDatabaseError) {
    super(report.message);
    this.report = report;
  }
}

/**
 * The one session of the embedded database, at the level of PostgreSQL's wire protocol: every statement is parsed and
 * planned once and then only bound and executed, which PGlite's own `query` does not offer. Calls must not overlap.
 */
export class DatabaseSession {
  /** Statements that wrote; whoever acts upon it sets it back. */
  writes = 0;
  readonly #database: PGlite;
  readonly #prepared = new Map<string, PreparedStatement>();
  #preparedCount = 0;

  constructor(database: PGlite) {
    this.#database = database;
  }

  get isInTransaction(): boolean {
    return this.#database.isInTransaction();
  }

  async query(sql: string, params: readonly TextValue[]): Promise<QueryReply> {
    const known = this.#prepared.get(sql);
    if (known === undefined) return this.#prepareAndQuery(sql, params);
    // Moved to the end: the map's order is the order of last use.
    this.#prepared.delete(sql);
    this.#prepared.set(sql, known);
    if (known.writes) this.writes += 1;
    const messages = await this.#exchange([
      serialize.bind({ statement: known.name, values: [...params] }),
      serialize.execute(),
      serialize.sync(),
    ]);
    return replyOf(messages, known.columns);
  }

  /** Several statements without parameters. Forgets all prepared statements: tables may have changed. */
  async script(sql: string): Promise<void> {
    await this.command(sql);
    if (this.#prepared.size === 0 || this.isInTransaction) return;
    this.#prepared.clear();
    await this.command('DEALLOCATE ALL');
  }

  async command(sql: string): Promise<void> {
    await this.#exchange([serialize.query(sql)]);
  }

  async #prepareAndQuery(sql: string, params: readonly TextValue[]): Promise<QueryReply> {
    this.#preparedCount += 1;
    const name = `s${this.#preparedCount}`;
    const writes = WRITING.test(sql);
    if (writes) this.writes += 1;
    try {
      const messages = await this.#exchange([
        serialize.parse({ name, text: sql }),
        serialize.describe({ type: 'S', name }),
        serialize.bind({ statement: name, values: [...params] }),
        serialize.execute(),
        serialize.sync(),
      ]);
      const columns = columnsOf(messages);
      this.#prepared.set(sql, { name, columns, writes });
      const [oldest] = this.#prepared;
      if (this.#prepared.size > MAX_PREPARED && oldest !== undefined) {
        this.#prepared.delete(oldest[0]);
        await this.#close(oldest[1].name);
      }
      return replyOf(messages, columns);
    } catch (error) {
      await this.#close(name);
      throw error;
    }
  }

  async #close(name: string): Promise<void> {
    await this.#exchange([serialize.close({ type: 'S', name }), serialize.sync()]);
  }

  async #exchange(parts: readonly Uint8Array[]): Promise<BackendMessage[]> {
    const { messages } = await this.#database.execProtocol(concatenate(parts), {
      throwOnError: false,
      syncToFs: false,
    });
    const failure = messages.find((message) => message.name === 'error');
    if (failure !== undefined) throw new ReportedError(reportOf(failure as unknown as SerializedDatabaseError));
    return messages;
  }
}

const concatenate = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
};

const columnsOf = (messages: readonly BackendMessage[]): Column[] => {
  const description = messages.find((message) => message.name === 'rowDescription') as
    | { fields: { name: string; dataTypeID: number }[] }
    | undefined;
  return (description?.fields ?? []).map((field) => ({ name: field.name, typeId: field.dataTypeID }));
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

/** What any failure in this thread looks like to the thread that asked. */
export const errorReport = (error: unknown): SerializedDatabaseError => {
  if (error instanceof ReportedError) return error.report;
  const { message } = error instanceof Error ? error : new Error(String(error));
  return reportOf({ message } as SerializedDatabaseError);
};
