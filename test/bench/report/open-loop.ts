import type { AtelierClient, ImageGenerationBody } from '@atelier/client-sdk';

export interface OfferedJob {
  readonly id: string;
  /** Monotonic milliseconds of the client: before the request, with the 202, with the terminal entry of the stream. */
  readonly sentMs: number;
  readonly acceptedMs: number;
  readonly endedMs: number;
}

/** Thrown when a job of the load was not drawn: its time would be that of something else. */
export class LoadFailedError extends Error {
  override readonly name = 'LoadFailedError';
}

/**
 * Sends jobs at a fixed rate, whether or not earlier ones are done: a closed loop would slow down with the server and
 * hide its queue. Resolves once all of them have ended.
 */
export async function offerLoad(options: {
  readonly client: AtelierClient;
  /** Jobs per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly body: Omit<ImageGenerationBody, 'seed' | 'response_format'>;
}): Promise<OfferedJob[]> {
  const { client, rate, seconds, body } = options;
  const startedMs = performance.now();
  const jobs = Array.from({ length: Math.max(1, Math.round(rate * seconds)) }, async (_, index) => {
    const dueMs = startedMs + (index * 1_000) / rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const sentMs = performance.now();
    const { id } = await client.createJob({ ...body, seed: 10_000 + index });
    const acceptedMs = performance.now();
    let last = '';
    for await (const event of client.streamJob(id)) if (event.kind === 'entry') last = event.entry.type;
    const endedMs = performance.now();
    if (last !== 'generation.succeeded') throw new LoadFailedError(`job ${id} ended with ${last}`);
    return { id, sentMs, acceptedMs, endedMs };
  });
  return Promise.all(jobs);
}
