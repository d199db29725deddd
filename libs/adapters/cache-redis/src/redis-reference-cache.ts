import { createHash, randomBytes } from 'node:crypto';
import type { TenantId } from '@atelier/contracts';
import { type Clock, type ReferenceCache, referenceDigest } from '@atelier/ports';
import { Redis } from 'ioredis';
import { CircuitBreaker } from './circuit-breaker.js';
import { EntryIndex, INDEX_SCRIPTS } from './entry-index.js';
import { KnownEntries } from './known-entries.js';
import {
  decodeManifest,
  describeChunks,
  encodeManifest,
  joinChunks,
  type Manifest,
  splitIntoChunks,
} from './manifest.js';
import { isFull, isRefusal } from './redis-errors.js';
import { type BreakEven, TransferEstimate } from './transfer-estimate.js';

export interface RedisReferenceCacheOptions {
  /** `redis://host:port`. Redis 7 or newer. */
  readonly url: string;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** All entries of all processes together; leave Redis some room beside it for the entry being written. */
  readonly capacityBytes: number;
  /** Kept before this cache: found there, nothing is asked of Redis. */
  readonly near?: ReferenceCache;
  /** @default one hour */
  readonly maxAgeMs?: number;
  /** A command that takes longer has failed. @default 1,000 */
  readonly commandTimeoutMs?: number;
  /** Before anything is measured. @default 1 ms and 100 kB per ms, the order of a local network */
  readonly breakEven?: BreakEven;
  readonly breaker?: CircuitBreaker;
  /** Of all keys, in front. @default 'atelier' */
  readonly namespace?: string;
}

export interface RedisCacheStatistics {
  readonly hits: number;
  readonly nearHits: number;
  readonly misses: number;
  /** Entries found damaged or cut, and dropped. */
  readonly damaged: number;
  /** Calls answered without Redis, because it is away. */
  readonly unavailable: number;
  /** Entries neither stored nor fetched because recomputing is quicker. */
  readonly notWorthIt: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly breakEven: BreakEven;
  readonly circuit: 'closed' | 'open' | 'half-open';
}

type PutOutcome = Awaited<ReturnType<ReferenceCache['put']>>;

/** Chunks under way at once; more would only queue up in front of the other commands of the connection. */
const CHUNKS_AT_ONCE = 8;
/** Chunks outlive their manifest, so that a manifest never points to what ran out a moment earlier. */
const CHUNK_GRACE_MS = 60_000;
/** One in so many fetches that do not look worth it is made all the same: else the estimate could never recover. */
const PROBE_EVERY = 16;

/** Reference K/V in a Redis shared by all workers. Whatever is wrong with it reads as a miss. */
export class RedisReferenceCache implements ReferenceCache {
  readonly #redis: Redis;
  readonly #options: RedisReferenceCacheOptions;
  readonly #breaker: CircuitBreaker;
  readonly #estimate: TransferEstimate;
  readonly #index: EntryIndex;
  readonly #prefix: string;
  /** Fetches under way: who asks for the same entry meanwhile waits for the same answer. */
  readonly #fetching = new Map<string, Promise<Uint8Array | null>>();
  /** Tail of the writes of each entry. */
  readonly #writing = new Map<string, Promise<unknown>>();
  readonly #known = new KnownEntries();
  #counts = {
    ...{ hits: 0, nearHits: 0, misses: 0, damaged: 0, unavailable: 0, notWorthIt: 0 },
    ...{ readBytes: 0, writtenBytes: 0 },
  };
  #skippedFetches = 0;

  constructor(options: RedisReferenceCacheOptions) {
    this.#options = options;
    this.#breaker = options.breaker ?? new CircuitBreaker({ clock: options.clock });
    this.#estimate = new TransferEstimate(options.breakEven ?? { latencyMs: 1, bytesPerMs: 100_000 });
    this.#prefix = `{${options.namespace ?? 'atelier'}:reference}:`;
    this.#redis = new Redis(options.url, {
      scripts: INDEX_SCRIPTS,
      commandTimeout: options.commandTimeoutMs ?? 1_000,
      connectTimeout: 2_000,
      // A command that finds no connection fails at once instead of waiting for one: a miss is cheaper.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (tries) => Math.min(2_000, 50 * 2 ** Math.min(tries, 6)),
    });
    // Every failure shows where the command fails; unheard, the event would be printed.
    this.#redis.on('error', () => undefined);
    this.#index = new EntryIndex(this.#redis, this.#prefix, options.capacityBytes);
  }

  /** Resolves once Redis answers, or after `withinMs`: a cache that is away is no reason not to start. */
  async connected(withinMs = 2_000): Promise<boolean> {
    if (this.#redis.status === 'ready') return true;
    return new Promise((resolve) => {
      const settle = (isReady: boolean): void => {
        clearTimeout(timer);
        this.#redis.off('ready', onReady);
        resolve(isReady);
      };
      const onReady = (): void => settle(true);
      const timer = setTimeout(() => settle(false), withinMs);
      this.#redis.once('ready', onReady);
    });
  }

  async get(tenantId: TenantId, key: string): Promise<Uint8Array | null> {
    const near = await this.#options.near?.get(tenantId, key);
    if (near) {
      this.#counts.nearHits += 1;
      return near;
    }
    const entry = entryOf(tenantId, key);
    const underWay = this.#fetching.get(entry);
    if (underWay !== undefined) return copyOf(await underWay);
    const fetching = this.#fetch(tenantId, key, entry).finally(() => this.#fetching.delete(entry));
    this.#fetching.set(entry, fetching);
    return copyOf(await fetching);
  }

  async put(
    tenantId: TenantId,
    key: string,
    bytes: Uint8Array,
    { recomputeMs }: { recomputeMs: number },
  ): Promise<PutOutcome> {
    const near = await this.#options.near?.put(tenantId, key, bytes, { recomputeMs });
    const outcome = await this.#putFar(tenantId, key, bytes, recomputeMs);
    return near?.stored === true ? near : outcome;
  }

  digests(limit: number): readonly string[] {
    if (this.#options.near !== undefined) return this.#options.near.digests(limit);
    return this.#known.newest(limit);
  }

  statistics(): RedisCacheStatistics {
    return { ...this.#counts, breakEven: this.#estimate.breakEven, circuit: this.#breaker.state };
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #fetch(tenantId: TenantId, key: string, entry: string): Promise<Uint8Array | null> {
    const found = await this.#guarded(() => this.#read(entry));
    if (!found) {
      this.#known.forget(entry);
      this.#counts.misses += 1;
      return null;
    }
    const { bytes, recomputeMs } = found;
    this.#counts.hits += 1;
    this.#known.remember(entry, referenceDigest(tenantId, key));
    await this.#options.near?.put(tenantId, key, bytes, { recomputeMs });
    return bytes;
  }

  async #read(entry: string): Promise<{ bytes: Uint8Array; recomputeMs: number } | null> {
    const { clock } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const encoded = await this.#redis.get(this.#prefix + entry);
    const describedAtMs = clock.monotonicMs();
    this.#estimate.sawRoundTrip(describedAtMs - askedAtMs);
    if (encoded === null) return null;
    const manifest = decodeManifest(encoded);
    if (manifest === null) return this.#dropDamaged(entry);
    if (!this.#isWorthFetching(manifest)) return null;

    const chunks = await this.#readChunks(entry, manifest);
    const bytes = joinChunks(manifest, chunks);
    if (bytes === null) return this.#dropDamaged(entry);
    this.#estimate.sawTransfer(bytes.length, clock.monotonicMs() - describedAtMs);
    this.#counts.readBytes += bytes.length;
    void this.#index.touch(entry, clock.now()).catch(() => undefined);
    return { bytes, recomputeMs: manifest.recomputeMs };
  }

  async #readChunks(entry: string, { write, checksums }: Manifest): Promise<(Buffer | null)[]> {
    const chunks: (Buffer | null)[] = [];
    while (chunks.length < checksums.length) {
      const names = checksums
        .slice(chunks.length, chunks.length + CHUNKS_AT_ONCE)
        .map((_, index) => this.#chunkName(entry, write, chunks.length + index));
      chunks.push(...(await Promise.all(names.map((name) => this.#redis.getBuffer(name)))));
    }
    return chunks;
  }

  #isWorthFetching({ bytes, recomputeMs }: Manifest): boolean {
    if (recomputeMs > this.#estimate.fetchMs(bytes)) return true;
    this.#skippedFetches += 1;
    if (this.#skippedFetches % PROBE_EVERY === 0) return true;
    this.#counts.notWorthIt += 1;
    return false;
  }

  async #dropDamaged(entry: string): Promise<null> {
    this.#counts.damaged += 1;
    await this.#index.forget(entry);
    return null;
  }

  async #putFar(tenantId: TenantId, key: string, bytes: Uint8Array, recomputeMs: number): Promise<PutOutcome> {
    if (bytes.length > this.#options.capacityBytes) return { stored: false, reason: 'too-large' };
    if (!(recomputeMs > this.#estimate.fetchMs(bytes.length))) {
      this.#counts.notWorthIt += 1;
      return { stored: false, reason: 'not-worth-it' };
    }
    const entry = entryOf(tenantId, key);
    const chunks = splitIntoChunks(bytes);
    const stored = await this.#afterOtherWrites(entry, () =>
      this.#guarded(async () => {
        await this.#write(entry, chunks, recomputeMs);
        return true;
      }),
    );
    if (stored !== true) return { stored: false, reason: 'unavailable' };
    this.#counts.writtenBytes += bytes.length;
    this.#known.remember(entry, referenceDigest(tenantId, key));
    return { stored: true };
  }

  async #write(entry: string, chunks: readonly Buffer[], recomputeMs: number): Promise<void> {
    const { maxAgeMs = 3_600_000, clock } = this.#options;
    const manifest = describeChunks(randomBytes(8).toString('hex'), chunks, recomputeMs);
    await this.#index.makeRoom(entry, manifest.bytes);
    const names = chunks.map((_, index) => this.#chunkName(entry, manifest.write, index));
    try {
      await this.#writeChunks(names, chunks, maxAgeMs).catch(async (error: unknown) => {
        // Its memory ends before our bound, or others use it too: older entries of ours give way once.
        if (!isFull(error) || !(await this.#index.makeMoreRoom(entry, manifest.bytes))) throw error;
        await this.#writeChunks(names, chunks, maxAgeMs);
      });
      await this.#index.publish(entry, manifest, encodeManifest(manifest), maxAgeMs, clock.now());
    } catch (error) {
      // Without a manifest nobody reads them; what cannot be removed now runs out.
      if (names.length > 0) void this.#redis.unlink(...names).catch(() => undefined);
      throw error;
    }
  }

  async #writeChunks(names: readonly string[], chunks: readonly Buffer[], maxAgeMs: number): Promise<void> {
    const ttlMs = maxAgeMs + CHUNK_GRACE_MS;
    for (let first = 0; first < names.length; first += CHUNKS_AT_ONCE) {
      const wave = names.slice(first, first + CHUNKS_AT_ONCE);
      await Promise.all(wave.map((name, n) => this.#redis.set(name, chunks[first + n] as Buffer, 'PX', ttlMs)));
    }
  }

  /** The result, or null when Redis is away or fails. */
  async #guarded<T>(work: () => Promise<T>): Promise<T | null> {
    if (!this.#breaker.tryEnter()) {
      this.#counts.unavailable += 1;
      return null;
    }
    try {
      const result = await work();
      this.#breaker.succeeded();
      return result;
    } catch (error) {
      this.#counts.unavailable += 1;
      // A refusal is an answer: Redis is full, not away.
      if (isRefusal(error)) this.#breaker.succeeded();
      else this.#breaker.failed();
      return null;
    }
  }

  async #afterOtherWrites<T>(entry: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writing.get(entry) ?? Promise.resolve();
    const writing = before.then(work, work);
    this.#writing.set(entry, writing);
    try {
      return await writing;
    } finally {
      if (this.#writing.get(entry) === writing) this.#writing.delete(entry);
    }
  }

  #chunkName(entry: string, write: string, index: number): string {
    return `${this.#prefix}${entry}:${write}:${index}`;
  }
}

/** The tenant is part of the name, in a form that no key can imitate. */
const entryOf = (tenantId: TenantId, key: string): string =>
  `${encodeURIComponent(tenantId)}/${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;

const copyOf = (bytes: Uint8Array | null): Uint8Array | null => (bytes === null ? null : new Uint8Array(bytes));
