import { type GenerationId, isTerminalEntry } from '@atelier/contracts';
import type { RouteContext } from '../http/route.js';

/** Thrown when the caller hung up before the job ended. The job goes on. */
export class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError';
}

/** Resolves once the generation's log holds its terminal entry. */
export async function waitForEnd(
  { deps, tenantId, signal }: Pick<RouteContext, 'deps' | 'tenantId' | 'signal'>,
  generationId: GenerationId,
): Promise<void> {
  for await (const entry of deps.eventLog.execute({ tenantId, generationId, signal })) {
    if (isTerminalEntry(entry.type)) return;
  }
  throw new CallerGoneError();
}
