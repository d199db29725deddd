import type { Clock } from '@atelier/ports';

/** The source's items, and null whenever it was silent for `idleMs`. */
export async function* withKeepAlive<T>(
  source: AsyncGenerator<T>,
  clock: Clock,
  idleMs: number,
): AsyncGenerator<T | null> {
  try {
    let next = source.next();
    for (;;) {
      const timer = new AbortController();
      const idle = clock.sleep(idleMs, timer.signal).then(() => null);
      const result = await Promise.race([next, idle]);
      timer.abort();
      if (result === null) {
        yield null;
        continue;
      }
      if (result.done) return;
      yield result.value;
      next = source.next();
    }
  } finally {
    // Only asks: a source that waits for its next item ends when the caller's signal aborts.
    void source.return(undefined).catch(() => undefined);
  }
}
