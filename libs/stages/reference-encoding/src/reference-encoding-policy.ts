import { encodeSafetensors, SAFETENSORS_CONTENT_TYPE, type TenantId } from '@atelier/contracts';
import { referenceCacheKey } from '@atelier/domain';
import {
  type BlobStore,
  type Clock,
  type CrashPoints,
  type Inference,
  NO_CRASH_POINTS,
  type ReferenceCache,
  type Tensor,
} from '@atelier/ports';
import type { StagePolicy } from '@atelier/stage-runner';
import { preparePicture } from './prepare-picture.js';
import { decodeReferenceImage, MAX_IMAGE_BYTES } from './reference-image.js';

export interface ReferenceEncodingPolicyOptions {
  readonly inference: Inference;
  readonly blobs: BlobStore;
  readonly cache: ReferenceCache;
  readonly clock: Clock;
  readonly crashPoints?: CrashPoints;
  /** How long the latents are kept. @default 24 h */
  readonly intermediateTtlMs?: number;
}

const DAY_MS = 86_400_000;

/** Encodes one reference: latents as a blob, its K/V into the cache unless they are there already. */
export function createReferenceEncodingPolicy(
  options: ReferenceEncodingPolicyOptions,
): StagePolicy<'reference-encoding'> {
  const { inference, blobs, clock, crashPoints = NO_CRASH_POINTS, intermediateTtlMs = DAY_MS } = options;
  return {
    stage: 'reference-encoding',
    async execute(input, { tenantId, blobPrefix, signal }) {
      const { blob, preparation } = input.reference;
      // One byte more than allowed tells a too large object without reading all of it.
      const bytes = await blobs.get(blob.key, { start: 0, endExclusive: Math.min(blob.bytes, MAX_IMAGE_BYTES + 1) });
      const decoded = await decodeReferenceImage(bytes, input.size);
      const { picture, kept } = await preparePicture(decoded, preparation, blobs);
      signal.throwIfAborted();
      const latents = await inference.encode(picture);
      signal.throwIfAborted();
      const cacheKey = referenceCacheKey({
        imageSha256: blob.sha256,
        size: input.size,
        engineFingerprint: inference.describe().engineFingerprint,
        preparation,
      });
      const cacheHit = await ensureKv(tenantId, cacheKey, latents, options);
      const expiresAt = clock.now() + intermediateTtlMs;
      const latentsBlob = await blobs.put(
        `${blobPrefix}/latents.safetensors`,
        encodeSafetensors({ metadata: {}, tensors: [{ name: 'latents', ...latents }] }),
        { contentType: SAFETENSORS_CONTENT_TYPE, expiresAt },
      );
      const keptBlob =
        kept && (await blobs.put(`${blobPrefix}/kept.png`, kept, { contentType: 'image/png', expiresAt }));
      crashPoints.reach('worker.after-blob');
      return {
        referenceIndex: input.referenceIndex,
        latents: latentsBlob,
        cacheKey,
        cacheHit,
        ...(keptBlob ? { kept: keptBlob } : {}),
      };
    },
  };
}

/** True when the cache held them. */
async function ensureKv(
  tenantId: TenantId,
  cacheKey: string,
  latents: Tensor,
  { inference, cache, clock }: ReferenceEncodingPolicyOptions,
): Promise<boolean> {
  if (await cache.get(tenantId, cacheKey)) return true;
  const startedMs = clock.monotonicMs();
  const kv = await inference.encodeReference(latents);
  const recomputeMs = clock.monotonicMs() - startedMs;
  const bytes = encodeSafetensors({ metadata: {}, tensors: [{ name: 'kv', ...kv }] });
  await cache.put(tenantId, cacheKey, bytes, { recomputeMs });
  return false;
}
