import type { GenerationId, RunId } from '@atelier/contracts';

export interface Ids {
  generationId(): GenerationId;
  runId(): RunId;
  /** Short random id of one execution of a run; two executions of one fence never share a blob key. */
  executionId(): string;
  /** A uniformly random 32-bit seed for requests that name none. */
  seed(): number;
}
