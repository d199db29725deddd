import type { TenantId } from '@atelier/contracts';

/**
 * Lets so many submissions at once through to the database: of each tenant in the order they came, of several tenants in
 * turn, so that nobody's request stands behind a crowd of another tenant's.
 */
export class SubmissionLanes {
  /** Tenants in the order of their next turn. */
  readonly #waiting = new Map<TenantId, (() => void)[]>();
  #free: number;

  constructor(lanes: number) {
    this.#free = lanes;
  }

  async pass<T>(tenantId: TenantId, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    // Whoever leaves hands its lane on: nobody can slip in between.
    else await new Promise<void>((resolve) => this.#enqueue(tenantId, resolve));
    try {
      return await work();
    } finally {
      const next = this.#dequeue();
      if (next) next();
      else this.#free += 1;
    }
  }

  #enqueue(tenantId: TenantId, enter: () => void): void {
    const ofTenant = this.#waiting.get(tenantId);
    if (ofTenant) ofTenant.push(enter);
    else this.#waiting.set(tenantId, [enter]);
  }

  #dequeue(): (() => void) | undefined {
    for (const [tenantId, ofTenant] of this.#waiting) {
      const enter = ofTenant.shift();
      this.#waiting.delete(tenantId);
      if (ofTenant.length > 0) this.#waiting.set(tenantId, ofTenant);
      return enter;
    }
    return undefined;
  }
}
