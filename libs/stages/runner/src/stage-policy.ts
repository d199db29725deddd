import type {
  BlobRef,
  GenerationId,
  RunId,
  Stage,
  StageInput,
  StageResult,
  TenantId,
  WeightsRef,
} from '@atelier/contracts';

/** What a stage does, free of transport, leases and retries: input in, result out. */
export interface StagePolicy<S extends Stage> {
  readonly stage: S;
  execute(input: StageInput<S>, context: StageContext): Promise<StageResult<S>>;
}

/** What the runner hands to a policy for one execution. */
export interface StageContext {
  readonly tenantId: TenantId;
  readonly generationId: GenerationId;
  readonly runId: RunId;
  readonly fence: number;
  readonly weights: WeightsRef;
  /** Prefix for every blob this execution writes, unique per execution: `<tenant>/<generation>/<stage>/<run>-<fence>-<execution>`. */
  readonly blobPrefix: string;
  /** Aborts when the generation is canceled, the fence is lost or the process drains. */
  readonly signal: AbortSignal;
  /** Renews the lease: call it only when work has advanced. */
  progress(progress: {
    readonly step: number;
    readonly steps: number;
    readonly preview?: BlobRef;
    readonly checkpoint?: { readonly step: number; readonly checkpoint: BlobRef };
  }): Promise<void>;
}
