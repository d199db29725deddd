import type { GenerationId, RunId, Size, Stage, TenantId, WorkerId } from '@atelier/contracts';
import { pixelsOf } from '@atelier/domain';
import { referenceDigest, type StageRun } from '@atelier/ports';
import type { Placement } from './decisions/order-message.js';
import type { LiveWorker } from './worker-registry.js';

/** A run that a worker holds an order for, as the dispatcher knows it. */
export interface InFlightRun {
  readonly id: RunId;
  readonly generationId: GenerationId;
  readonly tenantId: TenantId;
  readonly stage: Stage;
  readonly fence: number;
  readonly workerId: WorkerId | null;
  readonly predictedMs: number;
  /** Monotonic milliseconds when it was ordered. */
  readonly sinceMs: number;
  /** When it is taken to have begun: with its order, or with the end of the run before it on its worker. */
  readonly startMs: number;
  /** Start tag of its execution in fair order; null where another process ordered it. */
  readonly startTag: number | null;
  /** Ran out of memory before: shares its worker with nothing. */
  readonly alone: boolean;
}

/** How well a worker fits a run: higher is better. @default the number of its references whose K/V the worker holds */
export type Affinity = (run: StageRun, worker: LiveWorker) => number;

export const cacheAffinity: Affinity = (run, worker) => {
  if (worker.cacheDigests.size === 0) return 0;
  const { references = [] } = run.input as { references?: readonly { cacheKey?: string }[] };
  return references.filter(
    ({ cacheKey }) => cacheKey !== undefined && worker.cacheDigests.has(referenceDigest(run.tenantId, cacheKey)),
  ).length;
};

export interface PlacementOptions {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /**
   * How long before its worker is expected to be free a run may be prefetched, at most: long enough to hide the way
   * there. Earlier it would only be tied to this worker and stand before whoever comes meanwhile; so behind a short run
   * it is a quarter of that run, or a newcomer would always find one prefetched. @default 300
   */
  readonly prefetchLeadMs?: number;
  /** Denoising runs that one tenant may have out at once. @default no bound */
  readonly maxDrawingPerTenant?: number;
  readonly affinity?: Affinity;
}

interface Denoiser {
  readonly worker: LiveWorker;
  held: number;
  alone: boolean;
  /** When all that it holds is done, by prediction; monotonic milliseconds. */
  busyUntilMs: number;
  /** Predicted milliseconds of the run that it holds longest. */
  runMs: number;
}

const PREFETCH_LEAD_MS = 300;
/** The way to a worker takes this long anyway. */
const SHORTEST_LEAD_MS = 50;

/**
 * Where runs can go right now. Denoising is directed to one worker, which holds at most its capacity (one running and,
 * shortly before that one ends, one prefetched); the short stages share one group of workers, so only their sum of
 * capacities matters.
 */
export class Placements {
  private readonly freeByStage = new Map<Stage, number>();
  private readonly denoisers: Denoiser[] = [];
  /** Denoising runs that are out, by tenant. */
  private readonly drawing = new Map<TenantId, number>();
  private readonly maxDrawingPerTenant: number;
  private readonly nowMs: number;
  private readonly prefetchLeadMs: number;
  private readonly affinity: Affinity;

  constructor(workers: readonly LiveWorker[], inFlight: Iterable<InFlightRun>, options: PlacementOptions) {
    this.nowMs = options.nowMs;
    this.prefetchLeadMs = options.prefetchLeadMs ?? PREFETCH_LEAD_MS;
    this.maxDrawingPerTenant = options.maxDrawingPerTenant ?? Number.POSITIVE_INFINITY;
    this.affinity = options.affinity ?? cacheAffinity;
    for (const worker of workers) {
      if (worker.draining) continue;
      if (worker.stage !== 'denoising') {
        this.freeByStage.set(worker.stage, (this.freeByStage.get(worker.stage) ?? 0) + worker.capacity);
      } else if (worker.slot !== null) {
        this.denoisers.push({ worker, held: 0, alone: false, busyUntilMs: this.nowMs, runMs: 0 });
      }
    }
    for (const run of [...inFlight].sort((a, b) => a.sinceMs - b.sinceMs)) this.hold(run);
  }

  canPlace(run: StageRun): boolean {
    if (run.stage !== 'denoising') return (this.freeByStage.get(run.stage) ?? 0) > 0;
    return (this.drawing.get(run.tenantId) ?? 0) < this.maxDrawingPerTenant && this.bestDenoiser(run) !== null;
  }

  /** Whether some run of the stage might be placed. */
  hasRoom(stage: Stage): boolean {
    if (stage !== 'denoising') return (this.freeByStage.get(stage) ?? 0) > 0;
    return this.denoisers.some((one) => one.held === 0 || (one.held < one.worker.capacity && this.mayPrefetch(one)));
  }

  /** Takes a place for a run that `canPlace`. */
  place(run: StageRun): Placement {
    const denoiser = run.stage === 'denoising' ? this.bestDenoiser(run) : null;
    const workerId = denoiser?.worker.workerId ?? null;
    const { stage, tenantId, predictedMs } = run;
    this.hold({ stage, tenantId, workerId, predictedMs, alone: isAlone(run), startMs: this.nowMs });
    return { workerId, partition: denoiser?.worker.slot ?? null };
  }

  /** Milliseconds until a denoising worker that is busy now may prefetch; null where none will by waiting alone. */
  untilPrefetchMs(): number | null {
    const waits = this.denoisers
      .filter((one) => one.held > 0 && one.held < one.worker.capacity && !one.alone && !this.mayPrefetch(one))
      .map((one) => one.busyUntilMs - this.leadMs(one) - this.nowMs);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  private mayPrefetch(denoiser: Denoiser): boolean {
    return denoiser.busyUntilMs - this.nowMs <= this.leadMs(denoiser);
  }

  private leadMs({ runMs }: Denoiser): number {
    return Math.min(this.prefetchLeadMs, Math.max(runMs / 4, SHORTEST_LEAD_MS));
  }

  private hold(run: Pick<InFlightRun, 'stage' | 'tenantId' | 'workerId' | 'alone' | 'predictedMs' | 'startMs'>): void {
    if (run.stage !== 'denoising') {
      this.freeByStage.set(run.stage, (this.freeByStage.get(run.stage) ?? 0) - 1);
      return;
    }
    this.drawing.set(run.tenantId, (this.drawing.get(run.tenantId) ?? 0) + 1);
    const denoiser = this.denoisers.find(({ worker }) => worker.workerId === run.workerId);
    if (!denoiser) return;
    // What it holds runs one after the other.
    const startMs = denoiser.held === 0 ? run.startMs : Math.max(denoiser.busyUntilMs, run.startMs);
    if (denoiser.held === 0) denoiser.runMs = run.predictedMs;
    denoiser.busyUntilMs = startMs + run.predictedMs;
    denoiser.held += 1;
    denoiser.alone ||= run.alone;
  }

  /** A worker that the run has not lost yet, if any other is alive; of these the best affinity, then the emptiest. */
  private bestDenoiser(run: StageRun) {
    const pixels = pixelsOf((run.input as { size: Size }).size);
    const able = this.denoisers.filter(({ worker }) => worker.maxPixels >= pixels);
    const untried = able.filter(({ worker }) => !run.lostWorkers.includes(worker.workerId));
    const free = (untried.length > 0 ? untried : able).filter(
      (one) =>
        one.held === 0 || (!one.alone && !isAlone(run) && one.held < one.worker.capacity && this.mayPrefetch(one)),
    );
    let best: (typeof free)[number] | null = null;
    for (const one of free) {
      if (!best || this.rank(run, one) > this.rank(run, best)) best = one;
    }
    return best;
  }

  /** Holding less work counts most: a cached reference is never worth waiting behind a whole run. */
  private rank(run: StageRun, { worker, held }: { worker: LiveWorker; held: number }): number {
    return this.affinity(run, worker) / 100 - held;
  }
}

export const isAlone = (run: Pick<StageRun, 'attempts'>): boolean => (run.attempts['out-of-memory'] ?? 0) > 0;
