import { meteredStore, type ServiceContext } from '@atelier/platform';
import type { GenerationStore } from '@atelier/ports';
import { openPostgresStore } from '@atelier/store-prisma';
import type { Configured } from './configured.js';

/**
 * The generation store on PostgreSQL, migrated and metered, and asked by `/readyz`. Workers may not import this entry.
 *
 * @param name of the service, as the server lists its connections
 */
export async function openStore(
  name: string,
  env: Configured<'ATELIER_DATABASE_URL'>,
  { clock, instance, closers, telemetry, readiness }: ServiceContext,
): Promise<GenerationStore> {
  const applicationName = `atelier-${name}-${instance}`;
  const opened = await openPostgresStore({ url: env.ATELIER_DATABASE_URL, clock, applicationName });
  closers.add(() => opened.close());
  const store = meteredStore(opened, telemetry);
  readiness.add('database', async () => void (await store.counts()));
  return store;
}
