import type { Redis, Result } from 'ioredis';
import type { Manifest } from './manifest.js';

// The index bounds the bytes of all entries together, for all processes that use one Redis: a sorted set by last use,
// a hash of sizes, and their sum. `allow-oom`: a full Redis must still be able to make room. All keys carry one hash
// tag, so they lie together in a cluster too.

const DROP = `
local function drop(prefix, entry)
  redis.call('ZREM', prefix .. 'used', entry)
  redis.call('UNLINK', prefix .. entry)
  local record = redis.call('HGET', prefix .. 'sizes', entry)
  if not record then return end
  redis.call('HDEL', prefix .. 'sizes', entry)
  local write, bytes, chunks = string.match(record, '^(%w+) (%d+) (%d+)$')
  redis.call('DECRBY', prefix .. 'total', bytes)
  for index = 0, chunks - 1 do redis.call('UNLINK', prefix .. entry .. ':' .. write .. ':' .. index) end
end
local function makeRoom(prefix, bytes, capacity)
  while tonumber(redis.call('GET', prefix .. 'total') or '0') + bytes > capacity do
    local oldest = redis.call('ZRANGE', prefix .. 'used', 0, 0)[1]
    if not oldest then break end
    drop(prefix, oldest)
  end
end`;

/** ARGV: entry, bytes to come, capacity in bytes. */
const MAKE_ROOM = `#!lua flags=allow-oom
${DROP}
drop(KEYS[1], ARGV[1])
makeRoom(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
return 1`;

/** ARGV: entry, bytes, capacity, manifest, write, chunks, time to live in ms, now in ms. */
const PUBLISH = `#!lua flags=allow-oom
${DROP}
drop(KEYS[1], ARGV[1])
makeRoom(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
redis.call('SET', KEYS[1] .. ARGV[1], ARGV[4], 'PX', ARGV[7])
redis.call('ZADD', KEYS[1] .. 'used', ARGV[8], ARGV[1])
redis.call('HSET', KEYS[1] .. 'sizes', ARGV[1], ARGV[5] .. ' ' .. ARGV[2] .. ' ' .. ARGV[6])
redis.call('INCRBY', KEYS[1] .. 'total', ARGV[2])
return 1`;

/** ARGV: entry. An entry that is found to be damaged, or whose time is over, frees what it held. */
const FORGET = `#!lua flags=allow-oom
${DROP}
drop(KEYS[1], ARGV[1])
return 1`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    makeRoom(prefix: string, entry: string, bytes: number, capacityBytes: number): Result<number, Context>;
    publishEntry(
      prefix: string,
      entry: string,
      bytes: number,
      capacityBytes: number,
      manifest: string,
      write: string,
      chunks: number,
      ttlMs: number,
      now: number,
    ): Result<number, Context>;
    forgetEntry(prefix: string, entry: string): Result<number, Context>;
  }
}

export const INDEX_SCRIPTS = {
  makeRoom: { numberOfKeys: 1, lua: MAKE_ROOM },
  publishEntry: { numberOfKeys: 1, lua: PUBLISH },
  forgetEntry: { numberOfKeys: 1, lua: FORGET },
} as const;

export class EntryIndex {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly capacityBytes: number,
  ) {}

  /** Drops what was last used longest ago, and the entry itself, until `bytes` more would fit. */
  async makeRoom(entry: string, bytes: number): Promise<void> {
    await this.redis.makeRoom(this.prefix, entry, bytes, this.capacityBytes);
  }

  /** For a Redis that is full below our bound. False: what we hold is too little to help an entry of this size. */
  async makeMoreRoom(entry: string, bytes: number): Promise<boolean> {
    const total = Number((await this.redis.get(`${this.prefix}total`)) ?? 0);
    if (total < 2 * bytes) return false;
    await this.redis.makeRoom(this.prefix, entry, bytes, total - bytes);
    return true;
  }

  async publish(entry: string, manifest: Manifest, encoded: string, ttlMs: number, now: number): Promise<void> {
    const { bytes, write, checksums } = manifest;
    await this.redis.publishEntry(
      ...([this.prefix, entry, bytes, this.capacityBytes, encoded, write, checksums.length, ttlMs, now] as const),
    );
  }

  async forget(entry: string): Promise<void> {
    await this.redis.forgetEntry(this.prefix, entry);
  }

  async touch(entry: string, now: number): Promise<void> {
    await this.redis.zadd(`${this.prefix}used`, 'XX', now, entry);
  }
}
