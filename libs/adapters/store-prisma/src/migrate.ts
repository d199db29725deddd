import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { MigrationDirectory, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';

/** Thrown when the database holds migrations that this version does not know, or edited or failed ones. */
export class MigrationHistoryError extends Error {
  override readonly name = 'MigrationHistoryError';
}

const PRISMA_FOLDER = fileURLToPath(new URL('../prisma/', import.meta.url));
export const MIGRATIONS_FOLDER = path.join(PRISMA_FOLDER, 'migrations');
const NO_FILTER = { externalTables: [], externalEnums: [] };

interface Migration {
  readonly name: string;
  readonly sql: string;
}

const readMigrations = (folder: string): Migration[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(path.join(folder, name, 'migration.sql'), 'utf8') }));

/** Changes with every migration. */
export const migrationsDigest = (): string =>
  createHash('sha256')
    .update(JSON.stringify(readMigrations(MIGRATIONS_FOLDER)))
    .digest('hex');

/**
 * Brings a database to the newest schema and returns the names of the migrations just applied. Works on the
 * embedded database and on a server alike, and keeps the history that `prisma migrate deploy` keeps.
 * The migration engine (2 MB of WebAssembly) is loaded only when something is to be done.
 */
export const migrate = async (adapter: SqlMigrationAwareDriverAdapterFactory): Promise<string[]> => {
  const migrations = readMigrations(MIGRATIONS_FOLDER);
  if (await isUpToDate(adapter, migrations)) return [];
  return withSchemaEngine(adapter, async (engine) => {
    const migrationsList = migrationList(migrations);
    const diagnosis = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: NO_FILTER,
    });
    const { failedMigrationNames, editedMigrationNames, history } = diagnosis;
    if (failedMigrationNames.length > 0) {
      throw new MigrationHistoryError(`migrations failed earlier: ${failedMigrationNames.join(', ')}`);
    }
    if (editedMigrationNames.length > 0) {
      throw new MigrationHistoryError(`migrations were edited after use: ${editedMigrationNames.join(', ')}`);
    }
    if (history !== null && history.diagnostic !== 'databaseIsBehind') {
      const unknown = history.unpersistedMigrationNames.join(', ');
      throw new MigrationHistoryError(`the database was migrated by another version: ${unknown}`);
    }
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    return appliedMigrationNames;
  });
};

/** SQL that leads from the migrations to prisma/schema.prisma; an empty migration when both agree. */
export const schemaDrift = (adapter: SqlMigrationAwareDriverAdapterFactory): Promise<string> =>
  withSchemaEngine(adapter, async (engine) => {
    const schemaPath = path.join(PRISMA_FOLDER, 'schema.prisma');
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(readMigrations(MIGRATIONS_FOLDER)) },
      to: { tag: 'schemaDatamodel', files: [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }] },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    });
    return stdout ?? '';
  });

const migrationList = (migrations: readonly Migration[]): MigrationList => ({
  baseDir: MIGRATIONS_FOLDER,
  lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
  shadowDbInitScript: '',
  migrationDirectories: migrations.map(
    ({ name, sql }): MigrationDirectory => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    }),
  ),
});

const isUpToDate = async (
  adapter: SqlMigrationAwareDriverAdapterFactory,
  migrations: readonly Migration[],
): Promise<boolean> => {
  const connection = await adapter.connect();
  const read = async (sql: string): Promise<unknown[][]> =>
    (await connection.queryRaw({ sql, args: [], argTypes: [] })).rows;
  try {
    const [[exists] = []] = await read(`SELECT to_regclass('_prisma_migrations') IS NOT NULL`);
    if (exists !== true) return false;
    const rows = await read(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
    );
    const wanted = migrations.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')]);
    return JSON.stringify(rows) === JSON.stringify(wanted);
  } finally {
    await connection.dispose();
  }
};

const withSchemaEngine = async <T>(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> => {
  const bindings = await loadBindings();
  const engine = await bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
  }
};

type Bindings = typeof import('@prisma/schema-engine-wasm');

/** The part of the WebAssembly interface that is used here; Node has it, its type package does not declare it. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let loaded: Promise<Bindings> | undefined;

/** Once per process: the bindings hold their WebAssembly instance in a variable of their module. */
const loadBindings = (): Promise<Bindings> => {
  loaded ??= instantiateBindings();
  return loaded;
};

/** The package's own entry imports WebAssembly as a module, which Node does only as an experiment. */
const instantiateBindings = async (): Promise<Bindings> => {
  const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as Bindings & {
    __wbg_set_wasm(exports: Record<string, unknown>): void;
  };
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const { instance } = await WebAssembly.instantiate(readFileSync(path.join(folder, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return bindings;
};
