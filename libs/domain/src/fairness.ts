import type { Priority, TenantId } from '@atelier/contracts';
import { byUrgency } from './urgency.js';

interface Flow {
  /** Start tag of the tenant's next run, in virtual milliseconds. */
  startMs: number;
  weight: number;
  /** While it waits a tenant keeps its tag; one that comes back begins at the virtual time of that moment. */
  isWaiting: boolean;
  /** Number of the pick that served it last: of equal tags the one served longest ago goes first. */
  servedAt: number;
}

/**
 * How far behind the newest start a tenant may begin: one that waits for a place of its own kind, or one that comes while
 * an old run is still in flight.
 */
const MAX_CREDIT_MS = 10_000;

/**
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996) over tenants, in milliseconds of stage time instead of bytes.
 * Virtual time runs in milliseconds of service per unit of weight. Each run of a tenant begins, in virtual time, where
 * its last one ended, or now if that is later; the smallest beginning is served next. A tenant that comes to a flood is
 * therefore served as soon as a place is free, whether runs take 5 ms or 5 s: no quantum has to fit them. Idleness saves
 * nothing up.
 *
 * Several places are served at once, and one tenant's short runs overtake its long ones. "Now" is therefore the start tag
 * of the oldest run in flight, not of the newest: all that a flood has begun since counts against it alone.
 */
export class StartTimeFairQueue {
  private readonly flows = new Map<TenantId, Flow>();
  /** Largest start tag of a run that was started. */
  private startedMs = 0;
  /** Never goes back. */
  private virtualMs = 0;
  private served = 0;

  /** @param inFlightTags start tags, as `charge` returned them, of the runs that are not over. @default none is known */
  constructor(private readonly inFlightTags: () => Iterable<number> = () => []) {}

  /** Weights are positive; a tenant without one has weight 1. */
  setWeight(tenantId: TenantId, weight: number): void {
    this.flow(tenantId).weight = Math.max(weight, 0.01);
  }

  /** Whose turn it is among tenants that have a run which may start now; null where none has. */
  pick(waiting: Iterable<TenantId>): TenantId | null {
    let next: TenantId | null = null;
    this.advance();
    for (const tenantId of waiting) {
      const flow = this.flow(tenantId);
      this.catchUp(flow);
      flow.isWaiting = true;
      if (next === null || this.isBefore(tenantId, next)) next = tenantId;
    }
    return next;
  }

  /** Takes a predicted cost when a run starts; returns the run's start tag. */
  charge(tenantId: TenantId, predictedMs: number): number {
    const flow = this.flow(tenantId);
    this.advance();
    this.catchUp(flow);
    const tag = flow.startMs;
    this.startedMs = Math.max(this.startedMs, tag);
    flow.startMs += predictedMs / flow.weight;
    this.served += 1;
    flow.servedAt = this.served;
    return tag;
  }

  /** Gives back (or takes) what measuring showed: predicted minus measured. */
  settle(tenantId: TenantId, differenceMs: number): void {
    const flow = this.flow(tenantId);
    flow.startMs -= differenceMs / flow.weight;
  }

  /** Tenants without any waiting run keep their debts and lose their credit. */
  forgetIdle(hasWork: (tenantId: TenantId) => boolean): void {
    for (const [tenantId, flow] of this.flows) {
      if (!hasWork(tenantId)) flow.isWaiting = false;
    }
  }

  /** Service that a tenant is ahead (positive) or behind, in milliseconds. */
  aheadMs(tenantId: TenantId): number {
    this.advance();
    const flow = this.flows.get(tenantId);
    return flow ? (flow.startMs - this.virtualMs) * flow.weight : 0;
  }

  private advance(): void {
    let oldestMs = this.startedMs;
    for (const tag of this.inFlightTags()) oldestMs = Math.min(oldestMs, tag);
    this.virtualMs = Math.max(this.virtualMs, oldestMs, this.startedMs - MAX_CREDIT_MS);
  }

  private catchUp(flow: Flow): void {
    const creditMs = flow.isWaiting ? MAX_CREDIT_MS / flow.weight : 0;
    flow.startMs = Math.max(flow.startMs, this.virtualMs - creditMs);
  }

  private isBefore(a: TenantId, b: TenantId): boolean {
    const [first, second] = [this.flow(a), this.flow(b)];
    return first.startMs < second.startMs || (first.startMs === second.startMs && first.servedAt < second.servedAt);
  }

  private flow(tenantId: TenantId): Flow {
    const known = this.flows.get(tenantId);
    if (known) return known;
    const fresh: Flow = { startMs: this.virtualMs, weight: 1, isWaiting: false, servedAt: 0 };
    this.flows.set(tenantId, fresh);
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
 * Chooses runs one after the other in fair order: the tenant by its start tag, inside a tenant the most urgent run that
 * `canPlace` accepts. Whoever takes a run from here makes `canPlace` know that its place is taken before the next one.
 */
export function* fairOrder<R extends QueuedRun>(
  runs: readonly R[],
  fairness: StartTimeFairQueue,
  canPlace: (run: R) => boolean,
): Generator<{ readonly run: R; readonly startTag: number }, void, undefined> {
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
    const tenantId = fairness.pick(heads.keys());
    const run = tenantId === null ? undefined : heads.get(tenantId);
    if (!run) return;
    const startTag = fairness.charge(run.tenantId, run.predictedMs);
    const ofTenant = backlog.get(run.tenantId) as R[];
    ofTenant.splice(ofTenant.indexOf(run), 1);
    if (ofTenant.length === 0) {
      backlog.delete(run.tenantId);
      fairness.forgetIdle((one) => backlog.has(one));
    }
    yield { run, startTag };
  }
}
