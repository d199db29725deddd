import type { GenerationId, ImageGenerationBody } from '@atelier/contracts';
import type { RouteContext } from '../http/route.js';
import { bodyHash, findFirstTry, idempotencyKeyOf, isAutomaticRetry } from './idempotency.js';
import { resolveRequest } from './resolve-request.js';

export interface SubmittedJob {
  readonly id: GenerationId;
  /** True when the request met a job that an earlier one made. */
  readonly replayed: boolean;
}

/** Accepts a body as a job, exactly once per idempotency key and once per automatically repeated request. */
export async function submitJob(
  context: Pick<RouteContext, 'deps' | 'headers' | 'rawBody' | 'tenantId'>,
  body: ImageGenerationBody,
): Promise<SubmittedJob> {
  const { deps, headers, tenantId } = context;
  const key = idempotencyKeyOf(headers);
  const { request, warnings } = resolveRequest(body, context.rawBody, deps);
  if (key === null && isAutomaticRetry(headers)) {
    const seedGiven = typeof body.seed === 'number';
    const first = await findFirstTry(deps.store, tenantId, request, { seedGiven, now: deps.clock.now() });
    if (first) return { id: first, replayed: true };
  }
  const { generationId, replayed } = await deps.submit.execute({
    tenantId,
    request,
    warnings,
    ...(key === null ? {} : { idempotency: { key, requestHash: bodyHash(body) } }),
    traceparent: traceparentOf(headers.traceparent),
  });
  return { id: generationId, replayed };
}

/** The caller's trace goes on in every stage; anything that is not a W3C trace context is dropped. */
const traceparentOf = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : null;
