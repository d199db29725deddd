import type { GenerationId, RunId, Size, Stage, TenantId } from '@atelier/contracts';
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
 * bytes, the size it is encoded at and the engine; not the task, the prompt or the slot. The tenant is the cache's.
 */
export const referenceCacheKey = (of: {
  readonly imageSha256: string;
  readonly size: Size;
  readonly engineFingerprint: string;
}): string => ['kv2', of.engineFingerprint, sizeText(of.size), of.imageSha256].join('/');
