import { createRequire } from 'node:module';

/** What we need of kafkajs 2.2.4's internal request queue. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const MIN_DELAY_MS = 10;

/**
 * kafkajs 2.2.4 arms a timer with a negative delay for every idle connection, again and again, which costs some percent
 * of a core and a warning of Node (tulios/kafkajs#1751). A timer is needed only while requests wait for a throttled
 * connection. The version is pinned; another one fails here instead of losing the patch silently.
 */
export function patchIdleTimers(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  if (typeof prototype.scheduleCheckPendingRequests !== 'function') {
    throw new Error('kafkajs has another request queue than the one this patch was written for');
  }
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
    const throttledMs = this.throttledUntil - Date.now();
    if (this.throttleCheckTimeoutId || (this.pending.length === 0 && throttledMs <= 0)) return;
    const check = () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    };
    this.throttleCheckTimeoutId = setTimeout(check, Math.max(throttledMs, MIN_DELAY_MS));
  };
}
