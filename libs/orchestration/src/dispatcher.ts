import type { RunId, Stage, TenantId, WorkerId } from '@atelier/contracts';
import { fairOrder, StartTimeFairQueue } from '@atelier/domain';
import type { Clock, GenerationStore, StageRun } from '@atelier/ports';
import type { Placement } from './decisions/order-message.js';
import { FairnessLedger } from './fairness-ledger.js';
import { type Affinity, type InFlightRun, isAlone, Placements } from './placement.js';
import { isBeforeDenoising, runningAhead } from './run-ahead.js';
import type { WorkerRegistry } from './worker-registry.js';

export interface DispatcherOptions {
  readonly store: Pick<GenerationStore, 'readyRuns' | 'tenantShares' | 'runsInState'>;
  readonly clock: Clock;
  readonly workers: WorkerRegistry;
  /** Commits the order; false where the run was not ready any more. */
  readonly order: (run: StageRun, placement: Placement) => Promise<boolean>;
  readonly isLeader: () => boolean;
  /** Wall time for "is it due yet?". */
  readonly dueNow: () => number;
  readonly onError: (error: unknown, where: string) => void;
  /** Wakes this dispatcher after a time. */
  readonly wakeAfter: (delayMs: number) => void;
  readonly affinity?: Affinity;
  /** See `PlacementOptions`. */
  readonly prefetchLeadMs?: number;
  /** See `PlacementOptions`. */
  readonly maxDrawingPerTenant?: number;
  /**
   * Runs looked at per tenant and stage in one pass: bounds the cost of a pass under a flood. Also the number of a
   * tenant's drawings behind which nothing more is prepared. @default 64 shared among the tenants that wait, at most 16
   * each and at least two for each live denoising worker
   */
  readonly lookAhead?: number;
}

/** Places taken for runs that are about to become ready, until their commit is decided. */
export interface Claim {
  readonly place: (run: StageRun) => Placement | null;
  /** The commit was not applied. */
  readonly release: () => void;
}

/** Shortest time between two looks at the store for places that other processes' acceptances have freed. */
const RECONCILE_MS = 100;
const MAX_IN_FLIGHT = 10_000;
const LOOK_AHEAD = 16;
/** Of all tenants together, per stage: a look must not grow with their number. */
const LOOK_AHEAD_IN_ALL = 64;

/**
 * Orders ready runs while there are places for them. The queue itself lives in the store; what is kept here (who holds
 * what, the start tags) is rebuilt by a new leader from the store and from the workers' reports.
 *
 * While nobody queues for a stage, a run of it is ordered by the very commit that makes it ready (`claim`). As soon as
 * one has to queue, all do, and passes choose among them in fair order.
 */
export class Dispatcher {
  private readonly fairness = new StartTimeFairQueue(() => this.inFlightTags());
  private readonly ledger = new FairnessLedger(this.fairness);
  private readonly inFlight = new Map<RunId, InFlightRun>();
  /** Stages for which runs queue, as of the last look; null before the first one, when nothing is known. */
  private queued: Set<Stage> | null = null;
  /** Tenants that have enough prepared for the denoising workers, as of the last look. */
  private prepared: ReadonlySet<TenantId> = new Set();
  /** As of the last look. */
  private waitingTenants = 0;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private reconciledAtMs = Number.NEGATIVE_INFINITY;
  /** When a look for a prefetch is due; monotonic milliseconds. */
  private prefetchAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: DispatcherOptions) {}

  /** Call whenever a run may have become ready or a place free; calls during a pass lead to one more pass. */
  wake(): void {
    this.again = true;
    if (this.running || this.stopped) return;
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again) this.wake();
    });
  }

  /** A place for this stage may be free; where nobody is known to queue for it, nobody has to look. */
  wakeFor(stage: Stage): void {
    if (!this.queued || this.queued.has(stage)) this.wake();
  }

  /**
   * Runs became ready that `claim` could not place. Where others queue for their stages and no place is free, a look
   * would change nothing: the end of a run, or the time of a prefetch, gives the next one its turn.
   */
  noteReady(runs: readonly Pick<StageRun, 'stage'>[]): void {
    const { queued } = this;
    const placements = this.placements();
    // A pass under way may have looked before they came.
    const isSettled = !this.running && runs.every(({ stage }) => queued?.has(stage) && !placements.hasRoom(stage));
    if (!isSettled) this.wake();
    else if (queued?.has('denoising')) this.lookForPrefetch(placements);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Another process may have led meanwhile: what queues is unknown until the next pass. */
  forgetQueue(): void {
    this.queued = null;
  }

  claim(): Claim {
    const claimed: StageRun[] = [];
    return {
      place: (run) => {
        if (!this.options.isLeader() || this.stopped || !this.queued || this.queued.has(run.stage)) return null;
        // Whether it is urgent enough all the same is for the next pass to say.
        if (isBeforeDenoising(run.stage) && this.prepared.has(run.tenantId)) return null;
        const placements = this.placements();
        if (!placements.canPlace(run)) {
          this.queued.add(run.stage);
          return null;
        }
        const placement = placements.place(run);
        this.take(run, placement, this.fairness.charge(run.tenantId, run.predictedMs));
        claimed.push(run);
        return placement;
      },
      release: () => {
        for (const run of claimed.splice(0)) this.inFlight.delete(run.id);
      },
    };
  }

  /** A run's execution ended, by whatever way: its place is free. */
  noteEnded(runId: RunId): void {
    const run = this.inFlight.get(runId);
    if (!run) return;
    this.inFlight.delete(runId);
    if (run.workerId !== null) this.beginNext(run.workerId);
    this.wakeFor(run.stage);
  }

  /** What a worker had prefetched begins with the end of the run before it, not with its order. */
  private beginNext(workerId: WorkerId): void {
    let next: InFlightRun | null = null;
    for (const run of this.inFlight.values()) {
      if (run.workerId === workerId && (!next || run.sinceMs < next.sinceMs)) next = run;
    }
    if (next) this.inFlight.set(next.id, { ...next, startMs: this.options.clock.monotonicMs() });
  }

  /** Where an order of this run and fence is out, if this process knows. */
  find(runId: string): InFlightRun | null {
    return this.inFlight.get(runId as RunId) ?? null;
  }

  /**
   * Takes over what the store says is in flight. Orders sent after the store was read are kept: it could not know them.
   * @param readAtMs monotonic time before the read
   */
  reconcile(runs: readonly StageRun[], readAtMs: number): void {
    const known = new Set(runs.map((run) => run.id));
    for (const [id, run] of this.inFlight) {
      if (!known.has(id) && run.sinceMs < readAtMs) this.inFlight.delete(id);
    }
    for (const run of runs) {
      const mine = this.inFlight.get(run.id);
      if (mine && mine.fence >= run.fence) continue;
      this.hold(run, { fence: run.fence, workerId: run.workerId, sinceMs: readAtMs, startTag: null });
    }
    this.reconciledAtMs = this.options.clock.monotonicMs();
  }

  /** Settles charges by measured milliseconds; called at every tick of the leader. */
  async settle(): Promise<void> {
    this.ledger.settle(await this.options.store.tenantShares(), this.inFlight.values());
  }

  private async run(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      if (!this.options.isLeader()) return;
      try {
        await this.pass();
      } catch (error) {
        // The next commit or tick wakes it again; a tight loop would only hammer a store in trouble.
        this.options.onError(error, 'dispatcher');
        return;
      }
    }
  }

  private async pass(): Promise<void> {
    const { store, dueNow } = this.options;
    const lookAhead = this.options.lookAhead ?? this.lookAhead();
    const found = await store.readyRuns(dueNow(), lookAhead);
    const ahead = runningAhead(found, lookAhead);
    this.prepared = ahead.tenants;
    this.waitingTenants = new Set(found.map(({ tenantId }) => tenantId)).size;
    const ready = found.filter((run) => !ahead.runs.has(run));
    const placements = this.placements();
    const chosen = this.choose(ready, placements);
    const placed = new Set(chosen.map(({ run }) => run.id));
    const looks = [...Map.groupBy(ready, ({ tenantId, stage }) => `${stage}/${tenantId}`).values()];
    // All that was seen found a place: behind a full look there may be more, and places for them.
    const unseen = looks.filter((look) => look.length >= lookAhead && look.every(({ id }) => placed.has(id)));
    const waiting = ready.filter((run) => !placed.has(run.id));
    this.queued = new Set([...waiting, ...unseen.flat()].map((run) => run.stage));
    if (this.queued.has('denoising')) this.lookForPrefetch(placements);
    await Promise.all(chosen.map(({ run, placement }) => this.dispatch(run, placement)));
    if (unseen.length > 0) this.again = true;
    else if (waiting.length > 0) await this.reconcileIfOld();
  }

  private lookAhead(): number {
    const denoisers = this.options.workers.live().filter(({ stage }) => stage === 'denoising').length;
    const share = Math.ceil(LOOK_AHEAD_IN_ALL / Math.max(1, this.waitingTenants));
    return Math.max(Math.min(LOOK_AHEAD, share), 2 * denoisers, 2);
  }

  /** A place that time alone opens: nobody else would wake this dispatcher for it. */
  private lookForPrefetch(placements: Placements): void {
    const waitMs = placements.untilPrefetchMs();
    if (waitMs === null) return;
    const nowMs = this.options.clock.monotonicMs();
    const isDue = this.prefetchAtMs > nowMs && this.prefetchAtMs <= nowMs + waitMs;
    if (isDue) return;
    this.prefetchAtMs = nowMs + waitMs;
    this.options.wakeAfter(Math.ceil(waitMs));
  }

  private choose(
    ready: readonly StageRun[],
    placements: Placements,
  ): { readonly run: StageRun; readonly placement: Placement }[] {
    const chosen: { run: StageRun; placement: Placement }[] = [];
    for (const { run, startTag } of fairOrder(ready, this.fairness, (one) => placements.canPlace(one))) {
      const placement = placements.place(run);
      this.take(run, placement, startTag);
      chosen.push({ run, placement });
    }
    return chosen;
  }

  private async dispatch(run: StageRun, placement: Placement): Promise<void> {
    try {
      if (!(await this.options.order(run, placement))) this.inFlight.delete(run.id);
    } catch (error) {
      this.inFlight.delete(run.id);
      this.options.onError(error, 'dispatch');
    }
  }

  private placements(): Placements {
    const { workers, clock, affinity, prefetchLeadMs, maxDrawingPerTenant } = this.options;
    return new Placements(workers.live(), this.inFlight.values(), {
      nowMs: clock.monotonicMs(),
      ...(affinity ? { affinity } : {}),
      ...(prefetchLeadMs === undefined ? {} : { prefetchLeadMs }),
      ...(maxDrawingPerTenant === undefined ? {} : { maxDrawingPerTenant }),
    });
  }

  /** Before the commit: the order may be answered before its commit returns here. */
  private take(run: StageRun, { workerId }: Placement, startTag: number): void {
    this.ledger.charged(run.tenantId, run.predictedMs);
    this.hold(run, { fence: run.fence + 1, workerId, sinceMs: this.options.clock.monotonicMs(), startTag });
  }

  private hold(run: StageRun, order: Pick<InFlightRun, 'fence' | 'workerId' | 'sinceMs' | 'startTag'>): void {
    const { id, generationId, tenantId, stage, predictedMs } = run;
    this.inFlight.set(id, {
      id,
      generationId,
      tenantId,
      stage,
      predictedMs,
      alone: isAlone(run),
      startMs: order.sinceMs,
      ...order,
    });
  }

  private *inFlightTags(): Iterable<number> {
    for (const { startTag } of this.inFlight.values()) {
      if (startTag !== null) yield startTag;
    }
  }

  /** Runs wait for places: perhaps another process accepted results and freed some. */
  private async reconcileIfOld(): Promise<void> {
    const now = this.options.clock.monotonicMs();
    if (now - this.reconciledAtMs < RECONCILE_MS) return;
    const before = this.inFlight.size;
    this.reconcile(await this.options.store.runsInState(['dispatched', 'running'], MAX_IN_FLIGHT), now);
    if (this.inFlight.size < before) this.again = true;
  }
}
