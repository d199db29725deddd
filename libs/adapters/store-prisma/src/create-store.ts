import type { Clock, GenerationStore } from '@atelier/ports';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Durability } from './embedded/database-protocol.js';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { PrismaClient } from './generated/client.js';
import { migrate } from './migrate.js';
import { PrismaGenerationStore, type StoreOptions } from './prisma-generation-store.js';

/** Migrates the database behind the adapter and opens the store on it. */
export const createStore = async (
  options: StoreOptions & { readonly adapter: SqlMigrationAwareDriverAdapterFactory },
): Promise<GenerationStore> => {
  await migrate(options.adapter);
  return new PrismaGenerationStore(new PrismaClient({ adapter: options.adapter }), options);
};

export interface EmbeddedStoreOptions {
  /** Folder of the database, created when missing; `memory` keeps nothing. One process at a time. */
  readonly dataDir: string;
  readonly clock: Clock;
  /** @default 'process' */
  readonly durability?: Durability;
}

/** The store on an embedded PostgreSQL in a thread of this process. */
export const createEmbeddedStore = async (options: EmbeddedStoreOptions): Promise<GenerationStore> => {
  const { dataDir, clock, durability = 'process' } = options;
  const database = await EmbeddedDatabase.open({ dataDir, durability });
  try {
    return await createStore({
      adapter: embeddedAdapter(database),
      clock,
      // One session: nobody competes for a row, so one shard is cheapest to sum up.
      spendingShards: 1,
      onClose: () => database.close(),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
};
