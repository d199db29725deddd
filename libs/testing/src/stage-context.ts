import type { BlobRef } from '@atelier/contracts';

interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly preview?: BlobRef;
  readonly checkpoint?: { readonly step: number; readonly checkpoint: BlobRef };
}

/** What a runner hands to a policy, for specs of policies alone; `progressed` keeps what the policy reported. */
export function stageContext(signal: AbortSignal = new AbortController().signal) {
  const progressed: Progress[] = [];
  return {
    tenantId: 'ten_default',
    generationId: 'gen_01kb0000000000000000000001',
    runId: 'run_01kb0000000000000000000002',
    fence: 1,
    weights: { name: 'fake', fingerprint: 'f'.repeat(64), profile: 'v4' },
    blobPrefix: 'ten_default/gen/stage/run-1-x1',
    signal,
    progress: async (progress: Progress) => void progressed.push(progress),
    progressed,
  };
}
