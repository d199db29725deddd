import type { Timings } from '@atelier/contracts';

/** Milliseconds per stage in the `Server-Timing` header, where browsers show them beside the request. */
export const serverTimingOf = ({ stages, total_ms }: Timings): string =>
  [...Object.entries(stages), ['total', total_ms ?? 0] as const]
    .map(([name, ms]) => `${name};dur=${Math.round(ms * 10) / 10}`)
    .join(', ');
