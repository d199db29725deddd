import type { AtelierClient } from '@atelier/client-sdk';

/** Ctrl-C while drawing stops the job too: nobody waits for it any more. */
export async function cancelOnInterrupt<T>(
  client: AtelierClient,
  id: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) await client.cancelJob(id).catch(() => undefined);
    throw error;
  }
}
