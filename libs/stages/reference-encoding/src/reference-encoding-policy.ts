import {
  encodeSafetensors,
  type ReferenceEncodingInput,
  SAFETENSORS_CONTENT_TYPE,
  type TenantId,
  tensorIn,
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
import { type PreparedPicture, preparePicture } from './prepare-picture.js';
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
      const cacheKey = referenceCacheKey({
        imageSha256: blob.sha256,
        size: input.size,
        engineFingerprint: inference.describe().engineFingerprint,
        preparation,
      });
      const entry = await cache.get(tenantId, cacheKey);
      // To a cache, corrupt means absent.
      const cached = entry && tensorIn(entry, 'latents');
      signal.throwIfAborted();
      const { latents, kept } = await encoded(input, cached, { tenantId, cacheKey, signal }, options);
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

/** Nothing is read of a picture whose latents are known, unless a hole in it says what is kept. */
async function encoded(
  input: ReferenceEncodingInput,
  cached: Tensor | null,
  encoding: Encoding,
  options: ReferenceEncodingPolicyOptions,
): Promise<{ readonly latents: Tensor; readonly kept: Uint8Array | null }> {
  if (cached && input.reference.preparation?.kind !== 'hole') return { latents: cached, kept: null };
  const { picture, kept } = await preparedPicture(input, options.blobs);
  encoding.signal.throwIfAborted();
  return { latents: cached ?? (await encode(picture, encoding, options)), kept };
}

async function preparedPicture(
  { reference, size }: ReferenceEncodingInput,
  blobs: BlobStore,
): Promise<PreparedPicture> {
  const { blob, preparation } = reference;
  // One byte more than allowed tells a too large object without reading all of it.
  const bytes = await blobs.get(blob.key, { start: 0, endExclusive: Math.min(blob.bytes, MAX_IMAGE_BYTES + 1) });
  return preparePicture(await decodeReferenceImage(bytes, size), preparation, blobs);
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
