// Real: a PostgreSQL server on loopback, a database of its own in it.
import { generationStoreConformance } from '@atelier/ports/conformance';
import { inject } from 'vitest';
import { openPostgresStore } from './open-postgres-store.js';
import { createSpecDatabase, realClock } from './spec-database.js';

generationStoreConformance('PostgreSQL server', { durable: true }, async () => {
  const database = await createSpecDatabase(inject('postgres').url);
  const open = () => openPostgresStore({ url: database.url, clock: realClock });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    dispose: () => database.drop(),
  };
});
