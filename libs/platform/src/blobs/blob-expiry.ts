import type { BlobStore, Clock } from '@atelier/ports';

/** The same store, but what is put through this view expires after `ttlMs` unless the writer says otherwise. */
export const expiringBlobs = (blobs: BlobStore, clock: Pick<Clock, 'now'>, ttlMs: number): BlobStore => ({
  put: (key, bytes, options) => blobs.put(key, bytes, { expiresAt: clock.now() + ttlMs, ...options }),
  get: (key, range) => blobs.get(key, range),
  head: (key) => blobs.head(key),
  delete: (key) => blobs.delete(key),
  list: (prefix) => blobs.list(prefix),
});

/** Removes expired objects now and then, until `stop` is called. */
export function startSweeper(options: {
  readonly sweep: () => Promise<unknown>;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly onError: (error: unknown, where: string) => void;
}): { stop(): Promise<void> } {
  const { sweep, clock, intervalMs, onError } = options;
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(intervalMs, stopping.signal);
      if (!stopping.signal.aborted) await sweep().catch((error: unknown) => onError(error, 'sweeping blobs'));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
