import { type DenoisingInput, decodeSafetensors, type TenantId, tensorIn, tensorNamed } from '@atelier/contracts';
import type { BlobStore, Inference, ReferenceCache, Tensor } from '@atelier/ports';

type EncodedReference = DenoisingInput['references'][number];

export interface ReferenceKvOptions {
  readonly inference: Inference;
  readonly blobs: BlobStore;
  readonly cache: ReferenceCache;
}

/** K/V of an encoded reference: from the cache, else rebuilt from its latents, which costs time only. */
export async function referenceKv(
  tenantId: TenantId,
  reference: EncodedReference,
  { inference, blobs, cache }: ReferenceKvOptions,
): Promise<Tensor> {
  const cached = await cache.get(tenantId, reference.cacheKey);
  // To a cache, corrupt means absent.
  const kv = cached && tensorIn(cached, 'kv');
  if (kv) return kv;
  const latents = tensorNamed(decodeSafetensors(await blobs.get(reference.latents.key)), 'latents');
  return inference.encodeReference(latents);
}
