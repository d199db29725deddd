import type { ReferenceCache, Telemetry } from '@atelier/ports';

/** The same cache, counting hits, misses, bytes and what it declined to keep: `not-worth-it` is the break-even's no. */
export function meteredCache(cache: ReferenceCache, telemetry: Pick<Telemetry, 'counter'>): ReferenceCache {
  const reads = telemetry.counter('atelier_cache_reads_total', 'Reads of the reference cache, by outcome.');
  const bytes = telemetry.counter('atelier_cache_bytes_total', 'Bytes read from and written to the reference cache.');
  const writes = telemetry.counter('atelier_cache_writes_total', 'Writes to the reference cache, by outcome.');
  return {
    async get(tenantId, key) {
      const found = await cache.get(tenantId, key);
      reads.add(1, { outcome: found ? 'hit' : 'miss' });
      if (found) bytes.add(found.byteLength, { direction: 'read' });
      return found;
    },
    async put(tenantId, key, value, options) {
      const outcome = await cache.put(tenantId, key, value, options);
      writes.add(1, { outcome: outcome.stored ? 'stored' : (outcome.reason ?? 'declined') });
      if (outcome.stored) bytes.add(value.byteLength, { direction: 'write' });
      return outcome;
    },
    digests: (limit) => cache.digests(limit),
  };
}
