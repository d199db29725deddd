import { createHash } from 'node:crypto';
import type { TenantId } from '@atelier/contracts';

/**
 * Reference K/V, kept because recomputing costs time. Semantics every adapter must prove:
 * - a miss is never an error: unreachable, corrupt, partial, expired or foreign all read as `null`;
 * - `tenantId` is part of the key: one tenant's entry is invisible to another, even with equal content;
 * - `put` may decline (`stored: false`): the entry is cheaper to recompute than to keep, or does not fit;
 * - what `get` returned and what `put` was given belong to the caller: changing them changes nothing in the cache.
 */
export interface ReferenceCache {
  get(tenantId: TenantId, key: string): Promise<Uint8Array | null>;
  put(
    tenantId: TenantId,
    key: string,
    bytes: Uint8Array,
    options: { recomputeMs: number },
  ): Promise<{ stored: boolean; reason?: 'too-large' | 'not-worth-it' | 'unavailable' }>;
  /** `referenceDigest` of the keys held, newest first, for cache-affine dispatch. */
  digests(limit: number): readonly string[];
}

/** Names an entry to other processes without telling its tenant or content: 32 hexadecimal digits. */
export const referenceDigest = (tenantId: TenantId, key: string): string =>
  createHash('sha256').update(`${tenantId}\n${key}`).digest('hex').slice(0, 32);
