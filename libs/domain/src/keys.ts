import type { GenerationId, ReferencePreparation, RunId, Size, Stage, TenantId } from '@atelier/contracts';
import { sizeText } from './sizes.js';

/** Where one order of a run writes. The worker adds its execution id: two executions of one fence never share a key. */
export const blobPrefix = (run: {
  readonly tenantId: TenantId;
  readonly generationId: GenerationId;
  readonly stage: Stage;
  readonly runId: RunId;
  readonly fence: number;
}): string => `${run.tenantId}/${run.generationId}/${run.stage}/${run.runId}-${run.fence}`;

/**
 * Identity of a reference's K/V: equal texts mean equal tensors. It names everything they depend on: the picture's
 * bytes, what was made of it before, the size it is encoded at and the engine; not the task, the prompt or the slot. The tenant is the cache's.
 */
export const referenceCacheKey = (of: {
  readonly imageSha256: string;
  readonly size: Size;
  readonly engineFingerprint: string;
  readonly preparation?: ReferencePreparation | undefined;
}): string =>
  ['kv2', of.engineFingerprint, sizeText(of.size), of.imageSha256, ...preparationText(of.preparation)].join('/');

function preparationText(preparation: ReferencePreparation | undefined): string[] {
  if (!preparation) return [];
  if (preparation.kind !== 'hole') return [preparation.kind];
  const { mask, box } = preparation;
  return ['hole', mask ? mask.sha256 : box ? [box.x, box.y, box.width, box.height].join('_') : 'none'];
}
