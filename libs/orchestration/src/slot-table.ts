import type { WorkerAssigned, WorkerId } from '@atelier/contracts';
import type { LiveWorker } from './worker-registry.js';

interface Owner {
  readonly workerId: WorkerId;
  seenAtMs: number;
}

/**
 * Which denoising worker owns which directed slot. A slot is reused only after its owner was silent for `holdMs`: an
 * owner that comes back to life earlier still finds the slot its own.
 */
export class SlotTable {
  private readonly owners = new Map<number, Owner>();

  constructor(
    private readonly slots: number,
    private readonly holdMs: number,
    private readonly monotonicMs: () => number,
  ) {}

  /** The assignment to broadcast for a report, or null where the worker already reports the slot it owns. */
  assign(worker: LiveWorker, now: number): WorkerAssigned | null {
    const slot = this.slotFor(worker);
    if (slot === null) return null;
    this.owners.set(slot, { workerId: worker.workerId, seenAtMs: this.monotonicMs() });
    if (slot === worker.slot) return null;
    return {
      schemaVersion: 1,
      workerId: worker.workerId,
      stage: worker.stage,
      slot,
      leaseUntil: Math.round(now + this.holdMs),
    };
  }

  /** A worker that reports a slot keeps it after a change of leader, unless another one owns it by now. */
  private slotFor({ workerId, slot }: LiveWorker): number | null {
    for (const [owned, owner] of this.owners) {
      if (owner.workerId === workerId) return owned;
    }
    if (slot !== null && this.isFree(slot)) return slot;
    for (let candidate = 0; candidate < this.slots; candidate += 1) {
      if (this.isFree(candidate)) return candidate;
    }
    return null;
  }

  private isFree(slot: number): boolean {
    const owner = this.owners.get(slot);
    return slot < this.slots && (!owner || this.monotonicMs() - owner.seenAtMs >= this.holdMs);
  }
}
