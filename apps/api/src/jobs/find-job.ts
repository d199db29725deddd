import { GenerationId, type Job } from '@atelier/contracts';
import type { GenerationAggregate } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';
import type { RouteContext } from '../http/route.js';
import { jobViewOf } from './job-view.js';

type Caller = Pick<RouteContext, 'deps' | 'origin' | 'tenantId'>;

/** The tenant's own job; anybody else's, and an id that cannot exist, are the same 404. */
export async function findJob({ deps, tenantId }: Caller, id: string): Promise<GenerationAggregate> {
  const parsed = GenerationId.safeParse(id);
  const aggregate = parsed.success ? await deps.store.get(tenantId, parsed.data) : null;
  if (!aggregate) throw new ApiError('job_not_found');
  return aggregate;
}

/** The job as this caller sees it: links on the origin it used. */
export async function jobForCaller(caller: Caller, aggregate: GenerationAggregate): Promise<Job> {
  const waits = aggregate.generation.finishedAt === null;
  return jobViewOf(aggregate, {
    linkOf: linkFor(caller),
    origin: caller.origin,
    queue: waits ? (await caller.deps.queue.read()).placeOf(aggregate) : null,
  });
}

/** Turns blob keys into signed addresses on the origin that the caller used. */
export const linkFor =
  ({ deps, origin }: Pick<Caller, 'deps' | 'origin'>) =>
  (blobKey: string): string =>
    `${origin}${deps.links.sign(blobKey, deps.clock.now())}`;
