import { expiringBlobs } from '@atelier/platform';
import type { BlobStore, Clock, CrashPoints, Ids, Inference, MessageBus, ReferenceCache } from '@atelier/ports';
import { createDecodingPolicy } from '@atelier/stage-decoding';
import { createDenoisingPolicy } from '@atelier/stage-denoising';
import { promptExpansionPolicy, type Vocabulary } from '@atelier/stage-prompt-expansion';
import { createReferenceEncodingPolicy } from '@atelier/stage-reference-encoding';
import { createWorker, type Worker } from '@atelier/stage-runner';
import { createScoringPolicy } from '@atelier/stage-scoring';

export interface StageWorkerOptions {
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly inference: Inference;
  readonly vocabulary: Vocabulary;
  readonly blobs: BlobStore;
  readonly cache: ReferenceCache;
  /** How long finished pictures are kept. */
  readonly resultTtlMs: number;
  readonly crashPoints: CrashPoints;
  readonly onError: (error: unknown, where: string) => void;
}

/** One worker for each of the five stages, all in this process and on one engine. */
export function createStageWorker(options: StageWorkerOptions): Worker {
  const { bus, clock, ids, inference, vocabulary, blobs, cache, crashPoints, onError } = options;
  const engine = inference.describe();
  return createWorker({
    bus,
    clock,
    ids,
    engine,
    crashPoints,
    processId: 'embedded',
    policies: [
      promptExpansionPolicy({ vocabulary, engine: inference }),
      createReferenceEncodingPolicy({ inference, blobs, cache, clock, crashPoints }),
      createDenoisingPolicy({ inference, blobs, cache, clock, crashPoints }),
      createDecodingPolicy({ inference, blobs: expiringBlobs(blobs, clock, options.resultTtlMs), crashPoints }),
      createScoringPolicy({ inference, blobs }),
    ],
    cacheDigests: () => cache.digests(256),
    onError: (error, order) => onError(error, order ? `${order.stage} ${order.runId}` : 'worker'),
  });
}
