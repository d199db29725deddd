import type { TenantId } from '@atelier/contracts';
import type { StartTimeFairQueue } from '@atelier/domain';
import type { TenantShare } from '@atelier/ports';

/**
 * Keeps the start tags honest: what was charged by prediction is corrected by what the store says was measured. Per tenant
 * `charged - (measured since this process leads + predicted in flight)` is how much the predictions were too high so
 * far; its change since the last look is given back. It works whichever process accepted the results.
 */
export class FairnessLedger {
  private readonly chargedMs = new Map<TenantId, number>();
  private readonly spentAtStartMs = new Map<TenantId, number>();
  private readonly correctedMs = new Map<TenantId, number>();

  constructor(private readonly fairness: StartTimeFairQueue) {}

  /** A run was dispatched, and its prediction charged to the tenant. */
  charged(tenantId: TenantId, predictedMs: number): void {
    this.chargedMs.set(tenantId, (this.chargedMs.get(tenantId) ?? 0) + predictedMs);
  }

  settle(shares: readonly TenantShare[], inFlight: Iterable<{ tenantId: TenantId; predictedMs: number }>): void {
    const inFlightMs = new Map<TenantId, number>();
    for (const { tenantId, predictedMs } of inFlight) {
      inFlightMs.set(tenantId, (inFlightMs.get(tenantId) ?? 0) + predictedMs);
    }
    for (const { tenantId, weight, spentMs } of shares) {
      this.fairness.setWeight(tenantId, weight);
      const isNew = !this.spentAtStartMs.has(tenantId);
      if (isNew) this.spentAtStartMs.set(tenantId, spentMs - this.unseenSpentMs(tenantId, inFlightMs));
      const measuredMs = spentMs - (this.spentAtStartMs.get(tenantId) ?? 0);
      const correction = (this.chargedMs.get(tenantId) ?? 0) - measuredMs - (inFlightMs.get(tenantId) ?? 0);
      this.fairness.settle(tenantId, correction - (this.correctedMs.get(tenantId) ?? 0));
      this.correctedMs.set(tenantId, correction);
    }
  }

  /** At the first look at a tenant everything charged so far is taken as spent exactly as predicted. */
  private unseenSpentMs(tenantId: TenantId, inFlightMs: ReadonlyMap<TenantId, number>): number {
    return (this.chargedMs.get(tenantId) ?? 0) - (inFlightMs.get(tenantId) ?? 0);
  }
}
