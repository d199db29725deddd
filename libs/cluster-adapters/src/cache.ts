import { MemoryReferenceCache } from '@atelier/cache-memory';
import { RedisReferenceCache } from '@atelier/cache-redis';
import { meteredCache, type PlatformEnv, type ServiceContext } from '@atelier/platform';
import type { ReferenceCache } from '@atelier/ports';

const MEGABYTE = 1024 * 1024;

/** Memory in front of Redis where there is one; alone where there is none. A Redis that is away is no reason not to start. */
export async function openCache(
  env: PlatformEnv,
  { clock, closers, telemetry }: ServiceContext,
): Promise<ReferenceCache> {
  const near = new MemoryReferenceCache({ clock, capacityBytes: env.ATELIER_CACHE_MB * MEGABYTE });
  if (env.ATELIER_REDIS_URL === undefined) return meteredCache(near, telemetry);
  const capacityBytes = env.ATELIER_SHARED_CACHE_MB * MEGABYTE;
  const cache = new RedisReferenceCache({ url: env.ATELIER_REDIS_URL, clock, capacityBytes, near });
  closers.add(async () => cache.close());
  await cache.connected();
  telemetry.gauge(
    'atelier_cache_break_even_bytes_per_ms',
    'Measured transfer rate that admission compares with.',
    () => [{ value: cache.statistics().breakEven.bytesPerMs }],
  );
  telemetry.gauge('atelier_cache_circuit_open', '1 while Redis is taken for lost and not asked.', () => [
    { value: cache.statistics().circuit === 'closed' ? 0 : 1 },
  ]);
  return meteredCache(cache, telemetry);
}
