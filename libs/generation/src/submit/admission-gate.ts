import type { GenerationRequest, TenantId } from '@atelier/contracts';
import {
  type AdmissionLimits,
  admission,
  CostModel,
  generationMs,
  pixelsOf,
  type ServingCapacity,
  type TenantLoad,
} from '@atelier/domain';
import type { Clock, EngineDescription, GenerationStore } from '@atelier/ports';
import { NoWorkerError, QueueFullError } from '../errors.js';

/** How old a look at the store may be: the bounds protect memory and patience, they are no exact quotas. */
const MAX_AGE_MS = 1_000;

export interface AdmissionGateDependencies {
  readonly store: Pick<GenerationStore, 'tenantLoads'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Bounds on unfinished work, of one tenant and of all. @default none */
  readonly limits?: AdmissionLimits;
  /**
   * Engines at work, and what they can hold; read at each call. Null: not known now. @default one that takes what
   * `describe` says, also while it is not known
   */
  readonly capacity?: () => ServingCapacity | null;
}

/** Refuses a generation while its tenant, or the platform, has as much unfinished work as is allowed. */
export class AdmissionGate {
  private loads: TenantLoad[] = [];
  private readAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly dependencies: AdmissionGateDependencies) {}

  /** Errors: QueueFullError, NoWorkerError. Once it resolves the generation counts, also before the next look. */
  async admit(
    tenantId: TenantId,
    request: GenerationRequest,
    { manifest, maxPixels }: Pick<EngineDescription, 'manifest' | 'maxPixels'>,
  ): Promise<void> {
    const { limits, capacity } = this.dependencies;
    if (!limits && !capacity) return;
    await this.look();
    const predictedMs = generationMs(request, new CostModel(manifest), manifest.graphs.checker !== undefined);
    const decision = admission(
      { tenantId, predictedMs, pixels: pixelsOf(request.size) },
      this.loads,
      limits ?? {},
      capacity?.() ?? { parallel: 1, maxPixels },
    );
    if (decision.kind === 'accept') return this.count(tenantId, predictedMs);
    if (decision.code === 'no_worker') throw new NoWorkerError(decision.retryAfterMs);
    throw new QueueFullError(decision.bound, decision.limit, decision.retryAfterMs, decision.estimateMs);
  }

  private async look(): Promise<void> {
    const { store, clock } = this.dependencies;
    if (clock.monotonicMs() - this.readAtMs < MAX_AGE_MS) return;
    this.readAtMs = clock.monotonicMs();
    this.loads = await store.tenantLoads();
  }

  private count(tenantId: TenantId, predictedMs: number): void {
    const known = this.loads.find((load) => load.tenantId === tenantId);
    const own = known ?? { tenantId, weight: 1, jobs: 0, remainingMs: 0 };
    const counted = { ...own, jobs: own.jobs + 1, remainingMs: own.remainingMs + predictedMs };
    this.loads = [...this.loads.filter((load) => load !== known), counted];
  }
}
