import type { EventLogEntry, GenerationId, RunId, TenantId } from '@atelier/contracts';
import { byUrgency, isGenerationTerminal, isInFlight, isRunActive } from '@atelier/domain';
import {
  applyTransition,
  type Charge,
  type FailureRecord,
  type GenerationAggregate,
  type GenerationStore,
  isApplicable,
  ListCursorError,
  type ListQuery,
  numberEvents,
  type OperationalCounts,
  type OutboxRow,
  type QueueTotal,
  type StageRun,
  type StageRunState,
  type Submission,
  type SubmitOutcome,
  type TenantLoad,
  type TenantShare,
  type Transition,
} from '@atelier/ports';

interface Tenant {
  weight: number;
  name: string;
  spentMs: number;
}

interface Lease {
  holder: string;
  until: number;
  fencing: number;
}

/** The store's semantics without a database: state in maps, each call atomic because nothing in it awaits. For specs. */
export class MemoryGenerationStore implements GenerationStore {
  /** Commits that were refused, for specs that count them. */
  staleCommits = 0;
  commits = 0;

  private readonly aggregates = new Map<GenerationId, GenerationAggregate>();
  private readonly logs = new Map<GenerationId, EventLogEntry[]>();
  private readonly keys = new Map<string, { generationId: GenerationId; requestHash: string }>();
  private outbox: OutboxRow[] = [];
  private outboxRows = 0;
  private readonly chargeRows = new Map<string, Charge>();
  private readonly tenants = new Map<TenantId, Tenant>();
  private readonly apiKeys = new Map<string, { tenantId: TenantId; label: string; createdAt: number }>();
  private readonly leases = new Map<string, Lease>();
  private readonly watchers = new Map<GenerationId, Set<() => void>>();
  private readonly workCallbacks = new Set<(cause?: Submission | Transition) => void>();

  async submit(submission: Submission): Promise<SubmitOutcome> {
    const { generation, idempotency } = submission;
    const key = idempotency && `${generation.tenantId}/${idempotency.key}`;
    const earlier = key === undefined ? undefined : this.keys.get(key);
    if (earlier) {
      return earlier.requestHash === idempotency?.requestHash
        ? { outcome: 'replayed', generationId: earlier.generationId }
        : { outcome: 'key-reused' };
    }
    if (key !== undefined && idempotency) {
      this.keys.set(key, { generationId: generation.id, requestHash: idempotency.requestHash });
    }
    this.tenant(generation.tenantId);
    this.logs.set(generation.id, numberEvents(submission.events, 0));
    this.aggregates.set(
      generation.id,
      structuredClone({ generation, runs: submission.runs, lastSequence: submission.events.length }),
    );
    this.append(submission.outbox, generation.createdAt);
    this.notify(generation.id, submission);
    return { outcome: 'created' };
  }

  async commit(transition: Transition): Promise<'applied' | 'stale'> {
    const aggregate = this.aggregates.get(transition.generationId);
    const charged = (transition.charges ?? []).some((charge) => this.chargeRows.has(chargeKey(charge)));
    if (!aggregate || charged || !isApplicable(aggregate, transition)) {
      this.staleCommits += 1;
      return 'stale';
    }
    this.commits += 1;
    const events = numberEvents(transition.events ?? [], aggregate.lastSequence);
    this.logs.get(transition.generationId)?.push(...structuredClone(events));
    this.aggregates.set(transition.generationId, structuredClone(applyTransition(aggregate, transition)));
    for (const charge of transition.charges ?? []) this.chargeRows.set(chargeKey(charge), charge);
    if (transition.spentMs) this.tenant(transition.spentMs.tenantId).spentMs += transition.spentMs.ms;
    this.append(transition.outbox ?? [], transition.events?.[0]?.at ?? 0);
    this.notify(transition.generationId, transition);
    return 'applied';
  }

  async get(tenantId: TenantId, id: GenerationId): Promise<GenerationAggregate | null> {
    const aggregate = this.aggregates.get(id);
    return aggregate?.generation.tenantId === tenantId ? structuredClone(aggregate) : null;
  }

  async list(
    tenantId: TenantId,
    query: ListQuery,
  ): Promise<{ generations: GenerationAggregate[]; nextCursor: string | null }> {
    if (query.cursor !== undefined && !/^\d{16}\/gen_/.test(query.cursor)) throw new ListCursorError();
    const matching = [...this.aggregates.values()]
      .filter(({ generation }) => generation.tenantId === tenantId)
      .filter(({ generation }) => query.state === undefined || generation.state === query.state)
      .filter(({ generation }) => query.createdAfter === undefined || generation.createdAt > query.createdAfter)
      .filter(({ generation }) => query.createdBefore === undefined || generation.createdAt < query.createdBefore)
      .sort((a, b) => newestFirst(a.generation, b.generation))
      .filter(({ generation }) => query.cursor === undefined || cursorOf(generation) < query.cursor);
    const page = matching.slice(0, query.limit);
    const last = page.at(-1);
    const nextCursor = matching.length > page.length && last ? cursorOf(last.generation) : null;
    return { generations: structuredClone(page), nextCursor };
  }

  async readEvents(id: GenerationId, afterSequence: number, limit: number): Promise<EventLogEntry[]> {
    const log = this.logs.get(id) ?? [];
    return structuredClone(log.filter((entry) => entry.sequence > afterSequence).slice(0, limit));
  }

  watch(id: GenerationId, onChange: () => void): () => void {
    const watchers = this.watchers.get(id) ?? new Set();
    this.watchers.set(id, watchers.add(onChange));
    return () => watchers.delete(onChange);
  }

  async load(id: GenerationId): Promise<GenerationAggregate | null> {
    const aggregate = this.aggregates.get(id);
    return aggregate ? structuredClone(aggregate) : null;
  }

  async readyRuns(now: number, limitPerTenantAndStage: number): Promise<StageRun[]> {
    const taken = new Map<string, number>();
    return structuredClone(
      this.runs(['ready'])
        .filter((run) => run.nextAttemptAt <= now)
        .sort(byUrgency)
        .filter((run) => {
          const key = `${run.tenantId}/${run.stage}`;
          const count = (taken.get(key) ?? 0) + 1;
          taken.set(key, count);
          return count <= limitPerTenantAndStage;
        }),
    );
  }

  async runsInState(states: readonly StageRunState[], limit: number): Promise<StageRun[]> {
    return structuredClone(this.runs(states).slice(0, limit));
  }

  async expiredLeases(now: number, limit: number): Promise<StageRun[]> {
    const expired = this.runs(['dispatched', 'running']).filter(
      (run) => isInFlight(run.state) && run.leaseUntil !== null && run.leaseUntil < now,
    );
    return structuredClone(expired.slice(0, limit));
  }

  async overdueGenerations(now: number, limit: number): Promise<GenerationId[]> {
    return [...this.aggregates.values()]
      .map(({ generation }) => generation)
      .filter(({ state, request }) => !isGenerationTerminal(state) && (request.deadlineAt ?? Infinity) <= now)
      .sort((a, b) => (a.request.deadlineAt ?? 0) - (b.request.deadlineAt ?? 0))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  onWork(callback: (cause?: Submission | Transition) => void): () => void {
    this.workCallbacks.add(callback);
    return () => this.workCallbacks.delete(callback);
  }

  async readOutbox(limit: number): Promise<OutboxRow[]> {
    return this.outbox.slice(0, limit);
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    const published = new Set(ids);
    this.outbox = this.outbox.filter((row) => !published.has(row.id));
  }

  async tenantShares(): Promise<TenantShare[]> {
    return [...this.tenants].map(([tenantId, { weight, spentMs }]) => ({ tenantId, weight, spentMs }));
  }

  async isIdle(): Promise<boolean> {
    const generations = [...this.aggregates.values()].map(({ generation }) => generation);
    return this.outbox.length === 0 && generations.every(({ state }) => isGenerationTerminal(state));
  }

  async queueTotals(): Promise<QueueTotal[]> {
    const runs = [...this.aggregates.values()].flatMap((aggregate) => aggregate.runs);
    const queued = runs.filter(({ state }) => state === 'ready' || isInFlight(state));
    return [...Map.groupBy(queued, ({ tenantId, stage }) => `${tenantId}/${stage}`).values()].map((group) => {
      const ready = group.filter(({ state }) => state === 'ready');
      const msOf = (some: readonly StageRun[]) => some.reduce((sum, { predictedMs }) => sum + predictedMs, 0);
      const { tenantId, stage } = group[0] as StageRun;
      return {
        tenantId,
        stage,
        readyMs: msOf(ready),
        inFlightMs: msOf(group) - msOf(ready),
        oldestReadyAt:
          ready.length === 0 ? null : Math.min(...ready.map(({ readyAt, createdAt }) => readyAt ?? createdAt)),
      };
    });
  }

  async tenantLoads(): Promise<TenantLoad[]> {
    const loads = new Map<TenantId, { jobs: number; remainingMs: number }>();
    for (const { generation, runs } of this.aggregates.values()) {
      if (isGenerationTerminal(generation.state)) continue;
      const { jobs, remainingMs } = loads.get(generation.tenantId) ?? { jobs: 0, remainingMs: 0 };
      const own = runs.filter(({ state }) => isRunActive(state)).reduce((sum, run) => sum + run.predictedMs, 0);
      loads.set(generation.tenantId, { jobs: jobs + 1, remainingMs: remainingMs + own });
    }
    return [...loads].map(([tenantId, load]) => ({
      tenantId,
      weight: this.tenants.get(tenantId)?.weight ?? 1,
      ...load,
    }));
  }

  async counts(tenantId?: TenantId): Promise<OperationalCounts> {
    const isCounted = (generation: { tenantId: TenantId }) =>
      tenantId === undefined || generation.tenantId === tenantId;
    const byState: Record<string, number> = {};
    const stages = new Map<string, { runs: number; totalMs: number }>();
    for (const { generation, runs } of this.aggregates.values()) {
      if (!isCounted(generation)) continue;
      byState[generation.state] = (byState[generation.state] ?? 0) + 1;
      for (const run of runs) {
        if (run.durationMs === null) continue;
        const sum = stages.get(run.stage) ?? { runs: 0, totalMs: 0 };
        stages.set(run.stage, { runs: sum.runs + 1, totalMs: sum.totalMs + run.durationMs });
      }
    }
    const stageMs = Object.fromEntries(
      [...stages].map(([stage, { runs, totalMs }]) => [stage, { runs, meanMs: totalMs / runs }]),
    );
    const pending = this.outbox.filter(({ key }) => {
      const generation = this.aggregates.get(key)?.generation;
      return tenantId === undefined || (generation !== undefined && isCounted(generation));
    });
    return { byState, outboxPending: pending.length, stageMs };
  }

  async recentFailures(limit: number): Promise<FailureRecord[]> {
    return [...this.aggregates.values()]
      .flatMap(({ runs }) => runs)
      .flatMap((run) => (run.error ? [{ run, error: run.error }] : []))
      .sort((a, b) => (b.run.finishedAt ?? 0) - (a.run.finishedAt ?? 0))
      .slice(0, limit)
      .map(({ run, error }) => ({
        generationId: run.generationId,
        runId: run.id,
        stage: run.stage,
        error,
        attempt: run.fence,
        at: run.finishedAt ?? run.nextAttemptAt,
      }));
  }

  async charges(id: GenerationId): Promise<Charge[]> {
    return [...this.chargeRows.values()].filter((charge) => charge.generationId === id);
  }

  async createTenant(tenant: { id: TenantId; weight: number; name: string }): Promise<void> {
    const known = this.tenant(tenant.id);
    known.weight = tenant.weight;
    known.name = tenant.name;
  }

  async createApiKey(key: { tenantId: TenantId; keyHash: string; label: string }): Promise<void> {
    this.apiKeys.set(key.keyHash, { tenantId: key.tenantId, label: key.label, createdAt: this.apiKeys.size });
  }

  async resolveApiKey(keyHash: string): Promise<TenantId | null> {
    return this.apiKeys.get(keyHash)?.tenantId ?? null;
  }

  async listApiKeys(tenantId: TenantId): Promise<{ label: string; createdAt: number; keyHashPrefix: string }[]> {
    return [...this.apiKeys]
      .filter(([, key]) => key.tenantId === tenantId)
      .map(([hash, { label, createdAt }]) => ({ label, createdAt, keyHashPrefix: hash.slice(0, 8) }));
  }

  async acquireLease(name: string, holder: string, now: number, ttlMs: number): Promise<{ fencing: number } | null> {
    const lease = this.leases.get(name);
    if (lease && lease.holder !== holder && lease.until > now) return null;
    const fencing = lease?.holder === holder ? lease.fencing : (lease?.fencing ?? 0) + 1;
    this.leases.set(name, { holder, until: now + ttlMs, fencing });
    return { fencing };
  }

  async close(): Promise<void> {
    this.watchers.clear();
    this.workCallbacks.clear();
  }

  /** A run as it is stored, for specs. */
  run(id: RunId): StageRun | null {
    return this.runs().find((run) => run.id === id) ?? null;
  }

  private runs(states?: readonly StageRunState[]): StageRun[] {
    return [...this.aggregates.values()]
      .flatMap((aggregate) => aggregate.runs)
      .filter((run) => states === undefined || states.includes(run.state));
  }

  private append(rows: Submission['outbox'], createdAt: number): void {
    for (const row of rows) {
      this.outboxRows += 1;
      this.outbox.push({ ...row, id: String(this.outboxRows).padStart(12, '0'), createdAt });
    }
  }

  private tenant(id: TenantId): Tenant {
    const known = this.tenants.get(id);
    if (known) return known;
    const tenant: Tenant = { weight: 1, name: id, spentMs: 0 };
    this.tenants.set(id, tenant);
    return tenant;
  }

  private notify(id: GenerationId, cause: Submission | Transition): void {
    for (const callback of [...(this.watchers.get(id) ?? [])]) callback();
    for (const callback of [...this.workCallbacks]) callback(cause);
  }
}

const chargeKey = (charge: Charge): string => `${charge.generationId}/${charge.sampleIndex}`;

const cursorOf = (generation: { createdAt: number; id: string }): string =>
  `${String(generation.createdAt).padStart(16, '0')}/${generation.id}`;

const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): number =>
  cursorOf(a) < cursorOf(b) ? 1 : -1;
