export { CommitHints } from './commit-hints.js';
export * from './create-store.js';
export { draftMigration } from './draft-migration.js';
export { DataFolderLockedError } from './embedded/data-folder-lock.js';
export type { Durability } from './embedded/database-protocol.js';
export { DatabaseStatementError, DatabaseUnavailableError, NotADataFolderError } from './embedded/embedded-database.js';
export { MIGRATIONS_FOLDER, MigrationHistoryError, migrate } from './migrate.js';
export { PrismaGenerationStore, type StoreOptions } from './prisma-generation-store.js';
