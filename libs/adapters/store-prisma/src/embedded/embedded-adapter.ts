import {
  DriverAdapterError,
  type MappedError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import { parameterText, typeMapping } from './column-types.js';
import type { QueryReply, SerializedDatabaseError, TextValue } from './database-protocol.js';
import { DatabaseStatementError, EmbeddedDatabase } from './embedded-database.js';

const ADAPTER = { provider: 'postgres', adapterName: 'atelier-embedded' } as const;

type Run = (sql: string, params: readonly TextValue[]) => Promise<QueryReply>;

/**
 * Prisma's driver adapter over the database thread. The database may still be opening: statements wait for it, while
 * Prisma already prepares itself on this thread.
 */
export const embeddedAdapter = (
  database: EmbeddedDatabase | Promise<EmbeddedDatabase>,
): SqlMigrationAwareDriverAdapterFactory => ({
  ...ADAPTER,
  connect: async () => driverAdapter(Promise.resolve(database), async () => undefined),
  connectToShadowDb: async () => {
    const shadow = await EmbeddedDatabase.open({ dataDir: 'memory' });
    return driverAdapter(Promise.resolve(shadow), () => shadow.close());
  },
});

const driverAdapter = (opening: Promise<EmbeddedDatabase>, dispose: () => Promise<void>): SqlDriverAdapter => ({
  ...queryable(async (sql, params) => (await opening).query(sql, params)),
  executeScript: async (script) => translated((await opening).script(script)),
  startTransaction: async (isolationLevel): Promise<Transaction> => {
    const transaction = await translated((await opening).begin(isolationLevel));
    return {
      ...queryable(transaction.query),
      // Prisma only reports BEGIN, COMMIT and ROLLBACK to its log then; they are sent by the calls below.
      options: { usePhantomQuery: true },
      commit: () => translated(transaction.commit()),
      rollback: () => translated(transaction.rollback()),
    };
  },
  getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
  dispose,
});

const queryable = (run: Run): SqlQueryable => {
  const perform = ({ sql, args, argTypes }: SqlQuery): Promise<QueryReply> =>
    translated(
      run(
        sql,
        args.map((argument, index) => parameterText(argument, argTypes[index]?.scalarType ?? 'unknown')),
      ),
    );
  return {
    ...ADAPTER,
    queryRaw: async (query) => resultSet(await perform(query)),
    executeRaw: async (query) => (await perform(query)).affectedRows,
  };
};

const resultSet = ({ columns, rows }: QueryReply): SqlResultSet => {
  const mappings = columns.map((column) => typeMapping(column.typeId));
  return {
    columnNames: columns.map((column) => column.name),
    columnTypes: mappings.map((mapping) => mapping.columnType),
    rows: rows.map((row) => row.map((text, index) => (text === null ? null : (mappings[index]?.parse(text) ?? text)))),
  };
};

const translated = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DatabaseStatementError)) throw error;
    throw new DriverAdapterError({
      originalCode: error.report.code,
      originalMessage: error.report.message,
      ...mappedError(error.report),
    });
  }
};

/** SQLSTATE to the error kinds that Prisma and its migration engine act upon. */
const mappedError = (report: SerializedDatabaseError): MappedError => {
  const fields = report.detail?.match(/Key \(([^)]+)\)/)?.[1]?.split(', ');
  const constraint = fields === undefined ? {} : { constraint: { fields } };
  switch (report.code) {
    case '23505':
      return { kind: 'UniqueConstraintViolation', ...constraint };
    case '23502':
      return { kind: 'NullConstraintViolation', ...constraint };
    case '23503':
      return report.constraint === undefined
        ? { kind: 'ForeignKeyConstraintViolation' }
        : { kind: 'ForeignKeyConstraintViolation', constraint: { index: report.constraint } };
    case '40001':
      return { kind: 'TransactionWriteConflict' };
    case '42P01': {
      const table = report.message.match(/"([^"]+)"/)?.[1];
      return table === undefined ? { kind: 'TableDoesNotExist' } : { kind: 'TableDoesNotExist', table };
    }
    default:
      return {
        kind: 'postgres',
        code: report.code,
        severity: report.severity,
        message: report.message,
        detail: report.detail,
        column: report.column,
        hint: report.hint,
      };
  }
};
