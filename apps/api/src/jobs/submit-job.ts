import type { ErrorCode, GenerationId, ImageGenerationBody, Reference } from '@atelier/contracts';
import type { RouteContext } from '../http/route.js';
import { storePictures } from '../images/uploaded-images.js';
import type { EditSource } from './edit-source.js';
import { bodyHash, findFirstTry, idempotencyKeyOf, isAutomaticRetry } from './idempotency.js';
import { type PlannedReference, storedPreparation } from './resolve-edit.js';
import { resolveRequest } from './resolve-request.js';

export interface SubmittedJob {
  readonly id: GenerationId;
  /** True when the request met a job that an earlier one made. */
  readonly replayed: boolean;
}

/** What can be wrong with a request before there is a job. */
export const SUBMIT_ERRORS = [
  'missing_parameter',
  'invalid_parameter',
  'unknown_parameter',
  'prompt_empty',
  'prompt_too_long',
  'unsupported_size',
  'unsupported_task',
  'unsupported_feature',
  'model_not_found',
  'idempotency_key_reused',
  'queue_full',
  'no_worker',
] as const satisfies readonly ErrorCode[];

/** Accepts a body as a job, exactly once per idempotency key and once per automatically repeated request. */
export async function submitJob(
  context: Pick<RouteContext, 'deps' | 'headers' | 'rawBody' | 'tenantId'>,
  body: ImageGenerationBody,
  edit?: EditSource,
): Promise<SubmittedJob> {
  const { deps, headers, tenantId } = context;
  const key = idempotencyKeyOf(headers);
  const resolved = resolveRequest(body, context.rawBody, deps, edit);
  const { warnings } = resolved;
  // Stored before the job exists: an accepted job finds its pictures whatever happens next.
  const request = edit
    ? { ...resolved.request, references: await storeReferences(edit, resolved.references, context) }
    : resolved.request;
  if (key === null && isAutomaticRetry(headers)) {
    const seedGiven = typeof body.seed === 'number';
    const first = await findFirstTry(deps.store, tenantId, request, { seedGiven, now: deps.clock.now() });
    if (first) return { id: first, replayed: true };
  }
  const { generationId, replayed } = await deps.submit.execute({
    tenantId,
    request,
    warnings,
    ...(key === null ? {} : { idempotency: { key, requestHash: bodyHash(body, edit) } }),
    traceparent: traceparentOf(headers.traceparent),
  });
  return { id: generationId, replayed };
}

/** Stores the pictures of an edit, and its mask where something is made of it. */
async function storeReferences(
  { images, mask }: EditSource,
  planned: readonly PlannedReference[],
  context: Pick<RouteContext, 'deps' | 'tenantId'>,
): Promise<Reference[]> {
  const needsMask = planned.some(({ preparation }) => preparation?.kind === 'hole' && preparation.from === 'mask');
  const masks = mask && needsMask ? [{ ...mask, format: 'png' as const }] : [];
  const blobs = await storePictures([...images, ...masks], context);
  const maskBlob = masks.length > 0 ? blobs.at(-1) : undefined;
  return planned.map(({ role, weight, preparation }, index) => {
    const stored = storedPreparation(preparation, maskBlob);
    return { blob: blobs[index] as Reference['blob'], role, weight, ...(stored ? { preparation: stored } : {}) };
  });
}

/** The caller's trace goes on in every stage; anything that is not a W3C trace context is dropped. */
const traceparentOf = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : null;
