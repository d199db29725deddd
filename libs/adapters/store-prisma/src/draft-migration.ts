import { databaseTemplate } from './embedded/database-template.js';
import { embeddedAdapter } from './embedded/embedded-adapter.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { schemaDrift } from './migrate.js';

/** SQL that leads from the migrations to `prisma/schema.prisma`, worked out on a scratch database in memory. */
export const draftMigration = async (): Promise<string> => {
  const database = await EmbeddedDatabase.open({ dataDir: 'memory', template: databaseTemplate });
  try {
    return await schemaDrift(embeddedAdapter(database));
  } finally {
    await database.close();
  }
};
