import type { Stage, WorkerDraining, WorkerId, WorkerReported } from '@atelier/contracts';

/** A worker as its last report showed it. */
export interface LiveWorker {
  readonly workerId: WorkerId;
  readonly stage: Stage;
  readonly slot: number | null;
  readonly capacity: number;
  readonly inFlight: number;
  readonly maxPixels: number;
  readonly cacheDigests: ReadonlySet<string>;
  readonly draining: boolean;
  /** Monotonic milliseconds of this process at the last report: another machine's clock decides nothing here. */
  readonly seenAtMs: number;
}

/** Which workers are alive, from their reports. A worker is gone once it was silent for `ttlMs`. */
export class WorkerRegistry {
  private readonly workers = new Map<WorkerId, LiveWorker>();

  constructor(
    private readonly monotonicMs: () => number,
    private readonly ttlMs: number,
  ) {}

  report(reported: WorkerReported): LiveWorker {
    const worker: LiveWorker = {
      workerId: reported.workerId,
      stage: reported.stage,
      slot: reported.slot,
      capacity: reported.capacity,
      inFlight: reported.inFlight,
      maxPixels: reported.maxPixels,
      cacheDigests: new Set(reported.cacheDigests),
      // A worker that reports after it said it drains is on its way out still; a new process has a new id.
      draining: this.workers.get(reported.workerId)?.draining ?? false,
      seenAtMs: this.monotonicMs(),
    };
    this.workers.set(worker.workerId, worker);
    return worker;
  }

  drain(draining: WorkerDraining): void {
    const worker = this.workers.get(draining.workerId);
    if (worker) this.workers.set(worker.workerId, { ...worker, draining: true });
  }

  get(workerId: WorkerId): LiveWorker | null {
    const worker = this.workers.get(workerId);
    return worker && this.isAlive(worker) ? worker : null;
  }

  /** Live workers, longest known first. */
  live(): LiveWorker[] {
    const alive: LiveWorker[] = [];
    for (const worker of this.workers.values()) {
      if (this.isAlive(worker)) alive.push(worker);
      else this.workers.delete(worker.workerId);
    }
    return alive;
  }

  private isAlive(worker: LiveWorker): boolean {
    return this.monotonicMs() - worker.seenAtMs < this.ttlMs;
  }
}
