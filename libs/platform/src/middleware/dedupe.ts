import { readCloudEvent } from '@atelier/contracts';
import type { Middleware } from './consume.js';

/**
 * Acknowledges a message without handling it when this process has handled the same event before: CloudEvents calls
 * two messages of equal source and id the same event. It spares work only; handlers still have to bear repetitions,
 * because the memory is bounded and ends with the process.
 *
 * @param remembered events per handler. @default 10,000
 */
export const dedupe =
  (remembered = 10_000): Middleware =>
  (next) => {
    // Insertion order is age: the first entry is the oldest.
    const handled = new Set<string>();
    return async (delivery) => {
      const event = readCloudEvent(delivery.message.headers);
      const identity = event && JSON.stringify([event.source, event.id]);
      if (identity && handled.has(identity)) return;
      await next(delivery);
      if (!identity) return;
      handled.add(identity);
      if (handled.size > remembered) for (const oldest of handled.values()) return void handled.delete(oldest);
    };
  };
