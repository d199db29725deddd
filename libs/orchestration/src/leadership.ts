import type { Clock, GenerationStore } from '@atelier/ports';

const LEASE_NAME = 'orchestration';

/**
 * Whether this process leads (relays, dispatches, keeps leases). The lease is judged by the monotonic clock of the
 * holder and given up a quarter early; two leaders for a moment would be harmless all the same, since every dispatch is
 * guarded by its run's fence.
 */
export class Leadership {
  private validUntilMs = Number.NEGATIVE_INFINITY;
  private heldFencing: number | null = null;
  private terms = 0;

  constructor(
    private readonly store: Pick<GenerationStore, 'acquireLease'>,
    private readonly clock: Clock,
    private readonly steadyNow: () => number,
    private readonly holder: string,
    private readonly ttlMs: number,
  ) {}

  isLeader(): boolean {
    return this.clock.monotonicMs() < this.validUntilMs;
  }

  /** True until this process has lost leadership and won it again. */
  get isFirstTerm(): boolean {
    return this.terms === 1;
  }

  /** Takes or renews the lease when a third of it has passed. True where this process has just become the leader. */
  async renew(): Promise<boolean> {
    const startedAtMs = this.clock.monotonicMs();
    const leftMs = this.validUntilMs - startedAtMs;
    if (leftMs > this.ttlMs * 0.4) return false;
    const wasLeader = this.isLeader();
    const granted = await this.store.acquireLease(LEASE_NAME, this.holder, this.steadyNow(), this.ttlMs);
    const isNew = granted !== null && (!wasLeader || granted.fencing !== this.heldFencing);
    this.validUntilMs = granted ? startedAtMs + this.ttlMs * 0.75 : Number.NEGATIVE_INFINITY;
    this.heldFencing = granted?.fencing ?? this.heldFencing;
    if (isNew) this.terms += 1;
    return isNew;
  }

  /** Ends the lease at once, so that a successor need not wait for it. */
  async release(): Promise<void> {
    if (!this.isLeader()) return;
    this.validUntilMs = Number.NEGATIVE_INFINITY;
    await this.store.acquireLease(LEASE_NAME, this.holder, this.steadyNow(), 0);
  }
}
