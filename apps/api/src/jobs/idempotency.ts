import type { IncomingHttpHeaders } from 'node:http';
import type { GenerationId, GenerationRequest, ImageGenerationBody, TenantId } from '@atelier/contracts';
import { requestHash } from '@atelier/generation';
import type { GenerationStore } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';
import type { EditSource } from './edit-source.js';

const MAX_KEY_CHARACTERS = 255;
/** How long after the first try an automatic retry of a client library still finds its job. */
const RETRY_WINDOW_MS = 15 * 60_000;
const RETRY_CANDIDATES = 50;

/** The caller's key, bare or as a quoted structured-field string. */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | null {
  const value = headers['idempotency-key'];
  if (value === undefined) return null;
  const key = String(value)
    .trim()
    .replace(/^"(.*)"$/, '$1');
  if (key === '' || key.length > MAX_KEY_CHARACTERS) {
    throw new ApiError('invalid_parameter', {
      param: 'Idempotency-Key',
      message: `"Idempotency-Key" must have 1 to ${MAX_KEY_CHARACTERS} characters.`,
    });
  }
  return key;
}

/** Two bodies that ask for the same pictures have the same hash, however they are spelled and answered. */
export function bodyHash(body: ImageGenerationBody, edit?: EditSource): string {
  const { response_format: _format, stream: _stream, ...asked } = body;
  const given = Object.entries(asked).filter(([, value]) => value !== null);
  const pictures = edit
    ? {
        images: edit.images.map(({ sha256 }) => sha256),
        editBox: edit.editBox,
        roles: edit.roles,
        mask: edit.mask?.sha256,
        controlFrom: edit.controlFrom,
      }
    : {};
  return requestHash({ ...Object.fromEntries(given), ...pictures });
}

/** True when a client library sends a request again by itself; such libraries send no idempotency key. */
export const isAutomaticRetry = (headers: IncomingHttpHeaders): boolean =>
  Number(headers['x-stainless-retry-count'] ?? 0) > 0 && headers['x-dedup'] !== 'off';

/**
 * The job that the first try of an automatic retry made: the newest of the tenant's recent jobs with the same request.
 * Found in the store, not in memory, so that a retry finds it after a restart and in another process too.
 */
export async function findFirstTry(
  store: GenerationStore,
  tenantId: TenantId,
  request: GenerationRequest,
  options: { readonly seedGiven: boolean; readonly now: number },
): Promise<GenerationId | null> {
  const wanted = comparable(request, options.seedGiven);
  const recent = await store.list(tenantId, {
    limit: RETRY_CANDIDATES,
    createdAfter: options.now - RETRY_WINDOW_MS,
  });
  const twin = recent.generations.find(
    ({ generation }) => comparable(generation.request, options.seedGiven) === wanted,
  );
  return twin?.generation.id ?? null;
}

/** A seed that the platform drew and a deadline counted from the arrival differ between two tries of one request. */
function comparable(request: GenerationRequest, seedGiven: boolean): string {
  const { seed, deadlineAt: _deadlineAt, references, ...rest } = request;
  const pictures = references.map(({ blob, role, weight, preparation }) => {
    const made = preparation?.kind === 'hole' ? { ...preparation, mask: preparation.mask?.sha256 } : preparation;
    return { sha256: blob.sha256, role, weight, made };
  });
  return requestHash({ ...rest, pictures, ...(seedGiven ? { seed } : {}) });
}
