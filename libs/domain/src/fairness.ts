import type { Priority, TenantId } from '@atelier/contracts';
import { byUrgency } from './urgency.js';

interface Account {
  /** Milliseconds the tenant may still spend before its next turn; negative after runs that took longer than predicted. */
  deficitMs: number;
  weight: number;
}

/**
 * Weighted deficit round robin (Shreedhar and Varghese, 1995) over tenants, in milliseconds of stage time instead of
 * bytes: every round grants each waiting tenant `quantumMs * weight`, and a tenant is served while its grant covers its
 * next run. Rounds in which nobody can be served are skipped by arithmetic, so a pick costs one look at each tenant
 * however expensive the runs are. A long flood by one tenant therefore costs the others at most one run's time.
 */
export class DeficitRoundRobin {
  private readonly accounts = new Map<TenantId, Account>();
  private current: TenantId | null = null;

  /** @param quantumMs grant per round at weight 1: small against a denoising run, so that turns stay short */
  constructor(private readonly quantumMs = 50) {}

  /** Weights are positive; a tenant without one has weight 1. */
  setWeight(tenantId: TenantId, weight: number): void {
    this.account(tenantId).weight = Math.max(weight, 0.01);
  }

  /**
   * Whose turn it is among tenants that have a run which may start now; the value is that run's predicted cost.
   * Grants rounds until one of them can pay.
   */
  pick(waiting: ReadonlyMap<TenantId, number>): TenantId | null {
    const turns = this.turnOrder(waiting);
    const rounds = Math.min(...turns.map((tenantId) => this.roundsNeeded(tenantId, waiting.get(tenantId) as number)));
    if (!Number.isFinite(rounds)) return null;
    if (rounds > 0) {
      for (const tenantId of turns) {
        const account = this.account(tenantId);
        account.deficitMs += rounds * this.quantumMs * account.weight;
      }
    }
    const next = turns.find((tenantId) => this.roundsNeeded(tenantId, waiting.get(tenantId) as number) === 0) ?? null;
    this.current = next ?? this.current;
    return next;
  }

  /** Takes a predicted cost when a run starts. */
  charge(tenantId: TenantId, predictedMs: number): void {
    this.account(tenantId).deficitMs -= predictedMs;
  }

  /** Gives back (or takes) what measuring showed: predicted minus measured. */
  settle(tenantId: TenantId, differenceMs: number): void {
    this.account(tenantId).deficitMs += differenceMs;
  }

  /** Tenants without any waiting run keep their debts and lose their credit: idleness saves nothing up. */
  forgetIdle(hasWork: (tenantId: TenantId) => boolean): void {
    for (const [tenantId, account] of this.accounts) {
      if (!hasWork(tenantId)) account.deficitMs = Math.min(account.deficitMs, 0);
    }
  }

  deficitMs(tenantId: TenantId): number {
    return this.accounts.get(tenantId)?.deficitMs ?? 0;
  }

  private roundsNeeded(tenantId: TenantId, costMs: number): number {
    const { deficitMs, weight } = this.account(tenantId);
    return deficitMs >= costMs ? 0 : Math.ceil((costMs - deficitMs) / (this.quantumMs * weight));
  }

  /** The tenant served last goes on while it can pay, then the others follow in a fixed ring. */
  private turnOrder(waiting: ReadonlyMap<TenantId, number>): TenantId[] {
    for (const tenantId of waiting.keys()) this.account(tenantId);
    const ring = [...this.accounts.keys()];
    const start = this.current === null ? 0 : Math.max(ring.indexOf(this.current), 0);
    return [...ring.slice(start), ...ring.slice(0, start)].filter((tenantId) => waiting.has(tenantId));
  }

  private account(tenantId: TenantId): Account {
    const known = this.accounts.get(tenantId);
    if (known) return known;
    const fresh: Account = { deficitMs: 0, weight: 1 };
    this.accounts.set(tenantId, fresh);
    return fresh;
  }
}

export interface QueuedRun {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly priority: Priority;
  readonly createdAt: number;
  readonly predictedMs: number;
}

/**
 * Chooses runs one after the other in fair order: the tenant by deficit round robin, inside a tenant the most urgent run
 * that `place` accepts. `place` says whether the run can start now and remembers that it did.
 */
export function* fairOrder<R extends QueuedRun>(
  runs: readonly R[],
  fairness: DeficitRoundRobin,
  canPlace: (run: R) => boolean,
): Generator<R, void, undefined> {
  const backlog = new Map<TenantId, R[]>();
  for (const run of [...runs].sort(byUrgency)) {
    const ofTenant = backlog.get(run.tenantId);
    if (ofTenant) ofTenant.push(run);
    else backlog.set(run.tenantId, [run]);
  }
  fairness.forgetIdle((tenantId) => backlog.has(tenantId));
  for (;;) {
    const heads = new Map<TenantId, R>();
    for (const [tenantId, ofTenant] of backlog) {
      const head = ofTenant.find(canPlace);
      if (head) heads.set(tenantId, head);
    }
    const tenantId = fairness.pick(new Map([...heads].map(([id, run]) => [id, run.predictedMs])));
    const run = tenantId === null ? undefined : heads.get(tenantId);
    if (!run) return;
    fairness.charge(run.tenantId, run.predictedMs);
    const ofTenant = backlog.get(run.tenantId) as R[];
    ofTenant.splice(ofTenant.indexOf(run), 1);
    yield run;
  }
}
