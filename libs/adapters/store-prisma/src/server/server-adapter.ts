import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** Texts of statements that a connection keeps planned; the store has a few dozen, by the parts a transition has. */
const MOST_PLANNED_STATEMENTS = 500;

/** Prisma's adapter on a pool of connections, each of which plans a statement once. */
export const serverAdapter = (pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory => {
  const names = new Map<string, string>();
  const nameOf = (sql: string): string => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // An empty name is a statement that is planned for this one time.
    if (names.size >= MOST_PLANNED_STATEMENTS) return '';
    const name = createHash('sha256').update(sql).digest('base64url').slice(0, 22);
    names.set(sql, name);
    return name;
  };
  return new PrismaPg(pool, { schema: 'public', statementNameGenerator: ({ sql }) => nameOf(sql) });
};

/**
 * For the migration engine: one connection, and a migration is sent as one message, which PostgreSQL runs as one
 * transaction. Prisma's own adapter cuts it at every semicolon, so a process that dies would leave half of it behind.
 */
export const migrationAdapter = (connection: pg.ClientConfig): SqlMigrationAwareDriverAdapterFactory => {
  const factory = new PrismaPg({ ...connection, max: 1 }, { schema: 'public' });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      const pool = adapter.underlyingDriver();
      return withScripts(adapter, (script) => pool.query(script));
    },
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
};

const withScripts = (adapter: SqlDriverAdapter, run: (script: string) => Promise<unknown>): SqlDriverAdapter => {
  const executeScript = async (script: string): Promise<void> => {
    try {
      await run(script);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      const { code = 'N/A', severity = 'N/A', message, detail, column, hint } = error;
      throw new DriverAdapterError({
        kind: 'postgres',
        originalCode: code,
        originalMessage: message,
        code,
        severity,
        message,
        detail,
        column,
        hint,
      });
    }
  };
  // Methods of a class instance: copying it would lose them.
  return Object.assign(adapter, { executeScript });
};
