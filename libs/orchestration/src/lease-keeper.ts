import type { RunId } from '@atelier/contracts';
import { executionLeaseMs, type LeasePolicy, orderLeaseMs } from '@atelier/domain';
import type { Clock, GenerationStore, Ids, StageRun } from '@atelier/ports';
import type { Changes } from './changes.js';
import { decideDeadline, decideRelease } from './decisions/decide-generation.js';
import { decideLoss, findExecution } from './decisions/decide-run.js';
import type { Dispatcher } from './dispatcher.js';

export interface LeaseKeeperOptions {
  readonly store: Pick<GenerationStore, 'runsInState' | 'overdueGenerations'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'seed'>;
  readonly changes: Changes;
  readonly dispatcher: Pick<Dispatcher, 'reconcile'>;
  readonly leases: LeasePolicy;
  /** Wall time that no clock jump moves, for deadlines. */
  readonly steadyNow: () => number;
  readonly onError: (error: unknown, where: string) => void;
}

interface Watched {
  /** Changes with every sign of life. */
  readonly sign: string;
  readonly sinceMs: number;
}

const MAX_IN_FLIGHT = 10_000;
const MAX_WAITING = 500;
const MAX_OVERDUE = 100;
/** A submission that nobody released for so long: its message was lost with the process that carried it. */
const RELEASE_AFTER_MS = 5_000;

/**
 * Finds what nobody will ever report: runs whose worker fell silent, deadlines that passed, submissions whose message
 * was lost. A lease is judged by how long this process has seen no sign of life, on its own monotonic clock: no wall
 * clock, here or elsewhere, can end one early.
 */
export class LeaseKeeper {
  private readonly inFlight = new Map<RunId, Watched>();
  private readonly waiting = new Map<RunId, Watched>();

  constructor(private readonly options: LeaseKeeperOptions) {}

  async tick(): Promise<void> {
    await this.guarded('leases', () => this.checkInFlight());
    await this.guarded('submissions', () => this.checkWaiting());
    await this.guarded('deadlines', () => this.checkDeadlines());
  }

  /** No worker survived the process that left these: nothing is waited for. */
  async reclaimAll(): Promise<void> {
    const { store } = this.options;
    const abandoned = await store.runsInState(['dispatched', 'running'], MAX_IN_FLIGHT);
    const suspects = suspectsOf(abandoned);
    for (const run of abandoned) await this.lose(run, suspects.has(run.id), 'the process was started again');
    for (const run of await store.runsInState(['waiting'], MAX_WAITING)) await this.release(run);
  }

  private async checkInFlight(): Promise<void> {
    const { store, clock, dispatcher } = this.options;
    const readAtMs = clock.monotonicMs();
    const runs = await store.runsInState(['dispatched', 'running'], MAX_IN_FLIGHT);
    dispatcher.reconcile(runs, readAtMs);
    const silent = this.silentSince(this.inFlight, runs, signOf, (run) => this.leaseOf(run));
    for (const run of silent) {
      // A short stage does not announce its start: silence for a whole lease is taken for an execution that hangs.
      const started = run.state === 'running' || run.stage !== 'denoising';
      await this.lose(run, started, `no sign of life for ${this.leaseOf(run)} ms in state ${run.state}`);
    }
  }

  private leaseOf(run: StageRun): number {
    const { leases } = this.options;
    return run.state === 'running' ? executionLeaseMs(run, leases) : orderLeaseMs(run, leases);
  }

  private async lose(run: StageRun, started: boolean, detail: string): Promise<void> {
    const { changes, ids } = this.options;
    await changes.apply(run.generationId, (aggregate, context) => {
      const current = findExecution(aggregate, run.id, run.fence);
      if (typeof current === 'string') return current;
      // The copy may be older than what was watched: another replica accepted the last sign of life.
      if (signOf(current) !== signOf(run)) return 'reload';
      const loss = { started, detail, random: ids.seed() / 2 ** 32 };
      return decideLoss(aggregate, current, loss, context);
    });
  }

  private async checkWaiting(): Promise<void> {
    const runs = await this.options.store.runsInState(['waiting'], MAX_WAITING);
    for (const run of this.silentSince(
      this.waiting,
      runs,
      () => '',
      () => RELEASE_AFTER_MS,
    ))
      await this.release(run);
  }

  private async release(run: StageRun): Promise<void> {
    await this.options.changes.apply(run.generationId, decideRelease);
  }

  private async checkDeadlines(): Promise<void> {
    const { store, steadyNow, changes } = this.options;
    for (const id of await store.overdueGenerations(steadyNow(), MAX_OVERDUE)) await changes.apply(id, decideDeadline);
  }

  /** Runs that this process has watched for their whole allowance without a change. */
  private silentSince(
    watched: Map<RunId, Watched>,
    runs: readonly StageRun[],
    signFor: (run: StageRun) => string,
    allowanceMs: (run: StageRun) => number,
  ): StageRun[] {
    const nowMs = this.options.clock.monotonicMs();
    const present = new Set(runs.map((run) => run.id));
    for (const id of watched.keys()) {
      if (!present.has(id)) watched.delete(id);
    }
    return runs.filter((run) => {
      const sign = signFor(run);
      const before = watched.get(run.id);
      if (before?.sign !== sign) watched.set(run.id, { sign, sinceMs: nowMs });
      return before?.sign === sign && nowMs - before.sinceMs >= allowanceMs(run);
    });
  }

  /** One check that fails must not keep the others from being made. */
  private async guarded(where: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      this.options.onError(error, where);
    }
  }
}

/**
 * Runs that executed when a process died which did everything. One that kills it at its first breath leaves no sign of
 * life: where nothing is known to have run, the denoising run that was ordered first is taken to have.
 */
function suspectsOf(abandoned: readonly StageRun[]): ReadonlySet<RunId> {
  const running = abandoned.filter(({ state }) => state === 'running');
  if (running.length > 0) return new Set(running.map(({ id }) => id));
  const [first] = abandoned
    .filter(({ stage }) => stage === 'denoising')
    .sort((a, b) => (a.leaseUntil ?? 0) - (b.leaseUntil ?? 0));
  return new Set(first ? [first.id] : []);
}

const signOf = (run: StageRun): string => `${run.fence}/${run.state}/${run.step}/${run.leaseUntil}`;
