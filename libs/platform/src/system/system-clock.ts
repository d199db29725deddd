import { performance } from 'node:perf_hooks';
import type { Clock } from '@atelier/ports';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      // Node turns longer delays into 1 ms; whoever sleeps for more than 24 days checks the time again anyway.
      const timer = setTimeout(wake, Math.min(ms, 0x7fffffff));
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
};
