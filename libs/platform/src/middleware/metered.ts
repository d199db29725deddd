import type { Clock, Telemetry } from '@atelier/ports';
import { DURATION_BOUNDS_S } from '../metrics/duration-bounds.js';
import type { Middleware } from './consume.js';

/** Counts and times deliveries by topic and outcome; for the orders of a stage that is the stage's own duration. */
export function metered(telemetry: Pick<Telemetry, 'histogram'>, clock: Pick<Clock, 'monotonicMs'>): Middleware {
  const durations = telemetry.histogram(
    'atelier_handler_duration_seconds',
    'Time that a delivery took to be handled, by topic and outcome.',
    DURATION_BOUNDS_S,
  );
  return (next, { topic }) =>
    async (delivery) => {
      const startedMs = clock.monotonicMs();
      const record = (outcome: string) => {
        durations.record((clock.monotonicMs() - startedMs) / 1000, { topic, outcome });
      };
      try {
        await next(delivery);
        record('handled');
      } catch (error) {
        record('failed');
        throw error;
      }
    };
}
