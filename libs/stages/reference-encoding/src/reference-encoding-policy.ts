import {
  decodeSafetensors,
  encodeSafetensors,
  SAFETENSORS_CONTENT_TYPE,
  SafetensorsError,
  type TenantId,
  tensorNamed,
} from '@atelier/contracts';
import { referenceCacheKey } from '@atelier/domain';
import {
  type BlobStore,
  type Clock,
  type CrashPoints,
  type Inference,
  NO_CRASH_POINTS,
  type ReferenceCache,
  type RgbImage,
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

/** Encodes one reference: latents as a blob, they and their K/V into the cache. Nothing is encoded that the cache holds. */
export function createReferenceEncodingPolicy(
  options: ReferenceEncodingPolicyOptions,
): StagePolicy<'reference-encoding'> {
  const { inference, blobs, cache, clock, crashPoints = NO_CRASH_POINTS, intermediateTtlMs = DAY_MS } = options;
  return {
    stage: 'reference-encoding',
    async execute(input, { tenantId, blobPrefix, signal }) {
      const { blob, preparation } = input.reference;
      // One byte more than allowed tells a too large object without reading all of it.
      const bytes = await blobs.get(blob.key, { start: 0, endExclusive: Math.min(blob.bytes, MAX_IMAGE_BYTES + 1) });
      const decoded = await decodeReferenceImage(bytes, input.size);
      const { picture, kept } = await preparePicture(decoded, preparation, blobs);
      signal.throwIfAborted();
      const cacheKey = referenceCacheKey({
        imageSha256: blob.sha256,
        size: input.size,
        engineFingerprint: inference.describe().engineFingerprint,
        preparation,
      });
      const cached = latentsIn(await cache.get(tenantId, cacheKey));
      const latents = cached ?? (await encode(picture, { tenantId, cacheKey, signal }, options));
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
        cacheHit: cached !== null,
        ...(keptBlob ? { kept: keptBlob } : {}),
      };
    },
  };
}

interface Encoding {
  readonly tenantId: TenantId;
  readonly cacheKey: string;
  readonly signal: AbortSignal;
}

/** Latents of a picture. With their K/V they go into one entry, which is worth what both cost. */
async function encode(
  picture: RgbImage,
  { tenantId, cacheKey, signal }: Encoding,
  { inference, cache, clock }: ReferenceEncodingPolicyOptions,
): Promise<Tensor> {
  const startedMs = clock.monotonicMs();
  const latents = await inference.encode(picture);
  signal.throwIfAborted();
  const kv = await inference.encodeReference(latents);
  const recomputeMs = clock.monotonicMs() - startedMs;
  const tensors = [
    { name: 'latents', ...latents },
    { name: 'kv', ...kv },
  ];
  await cache.put(tenantId, cacheKey, encodeSafetensors({ metadata: {}, tensors }), { recomputeMs });
  return latents;
}

/** Null for bytes without latents: to a cache, corrupt means absent. */
function latentsIn(entry: Uint8Array | null): Tensor | null {
  if (entry === null) return null;
  try {
    return tensorNamed(decodeSafetensors(entry), 'latents');
  } catch (error) {
    if (error instanceof SafetensorsError) return null;
    throw error;
  }
}
