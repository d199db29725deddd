import type { Clock, GenerationStore } from '@atelier/ports';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Durability } from './embedded/database-protocol.js';
import { databaseTemplate } from './embedded/database-template.js';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { PrismaClient } from './generated/client.js';
import { migrate } from './migrate.js';
import { PrismaGenerationStore, type StoreOptions } from './prisma-generation-store.js';

/** Migrates the database behind the adapter, unless that was done, and opens the store on it. */
export const createStore = async (
  options: StoreOptions & { readonly adapter: SqlMigrationAwareDriverAdapterFactory; readonly isMigrated?: boolean },
): Promise<GenerationStore> => {
  const prisma = new PrismaClient({ adapter: options.adapter, errorFormat: 'minimal' });
  // Loading Prisma's query compiler takes a while: not at the expense of the first request.
  await Promise.all([options.isMigrated ? [] : migrate(options.adapter), prisma.$connect()]);
  return new PrismaGenerationStore(prisma, options);
};

export interface EmbeddedStoreOptions {
  /** Folder of the database, created when missing; `memory` keeps nothing. One process at a time. */
  readonly dataDir: string;
  readonly clock: Clock;
  /** @default 'process' */
  readonly durability?: Durability;
  /** Writes after which dead rows are removed and the write-ahead log is cut, at the next quiet moment. @default 5000 */
  readonly writesPerMaintenance?: number;
}

/** The store on an embedded PostgreSQL in a thread of this process. */
export const createEmbeddedStore = async (options: EmbeddedStoreOptions): Promise<GenerationStore> => {
  const { clock, ...databaseOptions } = options;
  const opening = EmbeddedDatabase.open({ ...databaseOptions, template: databaseTemplate });
  const close = async (): Promise<void> => (await opening).close();
  try {
    return await createStore({
      adapter: embeddedAdapter(opening),
      clock,
      // One session: nobody competes for a row, so one shard is cheapest to sum up.
      spendingShards: 1,
      // Statements are done in the order they come: a crowd of submissions would stand before every dispatch.
      submissionsAtOnce: 1,
      onClose: close,
    });
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};
