import type { GenerationId, TenantId } from '@atelier/contracts';
import type { GenerationAggregate, GenerationStore } from '@atelier/ports';
import { GenerationNotFoundError } from '../errors.js';

/** Reads one generation of a tenant. Errors: `GenerationNotFoundError`, also for another tenant's generation. */
export class GetGeneration {
  constructor(private readonly dependencies: { readonly store: Pick<GenerationStore, 'get'> }) {}

  async execute(query: {
    readonly tenantId: TenantId;
    readonly generationId: GenerationId;
  }): Promise<GenerationAggregate> {
    const aggregate = await this.dependencies.store.get(query.tenantId, query.generationId);
    if (!aggregate) throw new GenerationNotFoundError();
    return aggregate;
  }
}
