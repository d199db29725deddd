import { crc32 } from 'node:zlib';
import type { TenantId } from '@atelier/contracts';
import { type Clock, type ReferenceCache, referenceDigest } from '@atelier/ports';
import { GreedyDual, type Valued } from './greedy-dual.js';

export interface MemoryReferenceCacheOptions {
  /** Upper bound of all entries together, without bookkeeping. */
  readonly capacityBytes: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Age from which an entry reads as absent. @default one hour */
  readonly maxAgeMs?: number;
  /**
   * Recomputing must take longer than a fetch at this rate, or the entry is declined.
   * @default 1 MB per ms, the order of a copy and a checksum
   */
  readonly fetchBytesPerMs?: number;
}

interface Entry extends Valued {
  readonly name: string;
  readonly digest: string;
  readonly content: Buffer;
  readonly checksum: number;
  readonly storedAt: number;
}

export interface ReferenceCacheStatistics {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

/** Reference K/V in this process's memory, bounded by bytes, replaced by what a miss would cost. */
export class MemoryReferenceCache implements ReferenceCache {
  /** In the order of entering: the last one is the newest. */
  private readonly entries = new Map<string, Entry>();
  private readonly replacement = new GreedyDual();
  private readonly options: Required<MemoryReferenceCacheOptions>;
  private bytes = 0;
  private hits = 0;
  private misses = 0;
  private evictions = 0;

  constructor(options: MemoryReferenceCacheOptions) {
    this.options = { maxAgeMs: 3_600_000, fetchBytesPerMs: 1_000_000, ...options };
  }

  async get(tenantId: TenantId, key: string): Promise<Uint8Array | null> {
    const entry = this.entries.get(nameOf(tenantId, key));
    if (entry && !this.isUsable(entry)) this.drop(entry);
    else if (entry) {
      this.hits += 1;
      this.replacement.touch(entry);
      return new Uint8Array(entry.content);
    }
    this.misses += 1;
    return null;
  }

  async put(
    tenantId: TenantId,
    key: string,
    bytes: Uint8Array,
    { recomputeMs }: { recomputeMs: number },
  ): Promise<{ stored: boolean; reason?: 'too-large' | 'not-worth-it' }> {
    const { capacityBytes, fetchBytesPerMs, clock } = this.options;
    if (bytes.length > capacityBytes) return { stored: false, reason: 'too-large' };
    if (!(recomputeMs > bytes.length / fetchBytesPerMs)) return { stored: false, reason: 'not-worth-it' };

    const name = nameOf(tenantId, key);
    const replaced = this.entries.get(name);
    if (replaced) this.drop(replaced);
    const priority = this.replacement.priorityOf({ bytes: bytes.length, recomputeMs });
    if (!this.makeRoom(bytes.length, priority)) return { stored: false, reason: 'not-worth-it' };

    const content = Buffer.from(bytes);
    const entry: Entry = {
      name,
      digest: referenceDigest(tenantId, key),
      content,
      checksum: crc32(content),
      storedAt: clock.monotonicMs(),
      bytes: content.length,
      recomputeMs,
      priority: 0,
    };
    this.replacement.touch(entry);
    this.entries.set(name, entry);
    this.bytes += entry.bytes;
    return { stored: true };
  }

  digests(limit: number): readonly string[] {
    return [...this.entries.values()]
      .slice(Math.max(0, this.entries.size - limit))
      .reverse()
      .map(({ digest }) => digest);
  }

  statistics(): ReferenceCacheStatistics {
    const { bytes, hits, misses, evictions } = this;
    return { entries: this.entries.size, bytes, hits, misses, evictions };
  }

  private isUsable(entry: Entry): boolean {
    if (this.options.clock.monotonicMs() - entry.storedAt >= this.options.maxAgeMs) return false;
    return entry.content.length === entry.bytes && crc32(entry.content) === entry.checksum;
  }

  private makeRoom(bytes: number, newcomerPriority: number): boolean {
    const excess = this.bytes + bytes - this.options.capacityBytes;
    if (excess <= 0) return true;
    const victims = this.replacement.victims(this.entries.values(), excess, newcomerPriority);
    if (!victims) return false;
    for (const victim of victims) {
      this.replacement.evicted(victim);
      this.drop(victim);
      this.evictions += 1;
    }
    return true;
  }

  private drop(entry: Entry): void {
    this.entries.delete(entry.name);
    this.bytes -= entry.bytes;
  }
}

/** The length in front keeps (`a`, `b\nk`) and (`a\nb`, `k`) apart. */
const nameOf = (tenantId: TenantId, key: string): string => `${tenantId.length}:${tenantId}:${key}`;
