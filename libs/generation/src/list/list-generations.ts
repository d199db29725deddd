import type { TenantId } from '@atelier/contracts';
import type { GenerationAggregate, GenerationStore, ListQuery } from '@atelier/ports';

/** Lists a tenant's generations, newest first, page by page. */
export class ListGenerations {
  constructor(private readonly dependencies: { readonly store: Pick<GenerationStore, 'list'> }) {}

  execute(query: {
    readonly tenantId: TenantId;
    readonly query: ListQuery;
  }): Promise<{ readonly generations: GenerationAggregate[]; readonly nextCursor: string | null }> {
    return this.dependencies.store.list(query.tenantId, query.query);
  }
}
