import type { ServingCapacity } from '@atelier/domain';
import type { Clock } from '@atelier/ports';
import type { WorkerSighting } from '../api-deps.js';

/** A worker that is replaced, or a service that has just started and heard nobody yet, is no outage: the queue bears it. */
const MISSING_FOR_MS = 60_000;

/**
 * What the denoising workers that report can take. Null while it is unknown: nobody reports now, but somebody did a
 * moment ago, or this process is too young to tell.
 */
export function servingCapacity(
  workers: () => readonly WorkerSighting[],
  clock: Pick<Clock, 'monotonicMs'>,
): () => ServingCapacity | null {
  let seenAtMs = clock.monotonicMs();
  return () => {
    const drawing = workers().filter(({ stage, draining }) => stage === 'denoising' && !draining);
    if (drawing.length > 0) {
      seenAtMs = clock.monotonicMs();
      const maxPixels = Math.max(...drawing.map((worker) => worker.maxPixels ?? Number.POSITIVE_INFINITY));
      return { parallel: drawing.length, maxPixels };
    }
    return clock.monotonicMs() - seenAtMs < MISSING_FOR_MS ? null : { parallel: 0, maxPixels: null };
  };
}
