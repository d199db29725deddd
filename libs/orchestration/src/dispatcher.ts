import type { RunId } from '@atelier/contracts';
import { DeficitRoundRobin, fairOrder, type LeasePolicy } from '@atelier/domain';
import type { Clock, GenerationStore, StageRun } from '@atelier/ports';
import type { Aggregates } from './aggregates.js';
import { decideDispatch, type Placement } from './decisions/decide-run.js';
import type { DecisionContext } from './decisions/generation-draft.js';
import { FairnessLedger } from './fairness-ledger.js';
import { type Affinity, type InFlightRun, isAlone, Placements } from './placement.js';
import type { WorkerRegistry } from './worker-registry.js';

export interface DispatcherOptions {
  readonly store: Pick<GenerationStore, 'readyRuns' | 'tenantShares' | 'runsInState'>;
  readonly clock: Clock;
  readonly workers: WorkerRegistry;
  readonly aggregates: Aggregates;
  readonly decisionContext: () => DecisionContext;
  readonly leases: LeasePolicy;
  readonly isLeader: () => boolean;
  /** Wall time for "is it due yet?". */
  readonly dueNow: () => number;
  readonly onError: (error: unknown, where: string) => void;
  readonly affinity?: Affinity;
  /** Runs looked at per tenant and stage in one pass: bounds the cost of a pass under a flood. @default 16 */
  readonly lookAhead?: number;
}

/** Shortest time between two looks at the store for places that other processes' acceptances have freed. */
const RECONCILE_MS = 100;
const MAX_IN_FLIGHT = 10_000;

/**
 * Orders ready runs while there are places for them. The queue itself lives in the store; what is kept here (who holds
 * what, the deficits) is rebuilt by a new leader from the store and from the workers' reports.
 */
export class Dispatcher {
  private readonly fairness = new DeficitRoundRobin();
  private ledger = new FairnessLedger(this.fairness);
  private readonly inFlight = new Map<RunId, InFlightRun & { readonly sinceMs: number }>();
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private reconciledAtMs = Number.NEGATIVE_INFINITY;
  private starved = false;

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

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** A run's execution ended, by whatever way: its place is free. */
  noteEnded(runId: RunId): void {
    if (this.inFlight.delete(runId) && this.starved) this.wake();
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
      if (!mine || mine.fence < run.fence) this.hold(run, run.fence, run.workerId, readAtMs);
    }
    this.reconciledAtMs = this.options.clock.monotonicMs();
  }

  /** Settles deficits by measured milliseconds; called at every tick of the leader. */
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
    const { store, dueNow, lookAhead = 16 } = this.options;
    const ready = await store.readyRuns(dueNow(), lookAhead);
    this.starved = false;
    if (ready.length === 0) return;
    const chosen = this.choose(ready);
    this.starved = chosen.length < ready.length;
    if (chosen.length > 0) await Promise.all(chosen.map(({ run, placement }) => this.dispatch(run, placement)));
    if (this.starved) await this.reconcileIfOld();
  }

  private choose(ready: readonly StageRun[]): { readonly run: StageRun; readonly placement: Placement }[] {
    const placements = new Placements(this.options.workers.live(), this.inFlight.values(), this.options.affinity);
    const chosen: { run: StageRun; placement: Placement }[] = [];
    for (const run of fairOrder(ready, this.fairness, (one) => placements.canPlace(one))) {
      this.ledger.charged(run.tenantId, run.predictedMs);
      chosen.push({ run, placement: placements.place(run) });
    }
    return chosen;
  }

  private async dispatch(run: StageRun, placement: Placement): Promise<void> {
    const { aggregates, decisionContext, leases, onError } = this.options;
    // Held before the commit: its outcome may be published and answered before this line would be reached otherwise.
    this.hold(run, run.fence + 1, placement.workerId, this.options.clock.monotonicMs());
    try {
      const outcome = await aggregates.change(
        run.generationId,
        (aggregate) => decideDispatch(aggregate, run.id, placement, leases, decisionContext()),
        { before: 'dispatch.before-commit', after: 'dispatch.after-commit' },
      );
      if (outcome.kind === 'nothing') this.inFlight.delete(run.id);
    } catch (error) {
      this.inFlight.delete(run.id);
      onError(error, 'dispatch');
    }
  }

  private hold(run: StageRun, fence: number, workerId: InFlightRun['workerId'], sinceMs: number): void {
    const { id, generationId, tenantId, stage, predictedMs } = run;
    this.inFlight.set(id, {
      id,
      generationId,
      tenantId,
      stage,
      fence,
      workerId,
      predictedMs,
      alone: isAlone(run),
      sinceMs,
    });
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
