import type { EventLogEntry, GenerationId, StageError, TenantId } from '@atelier/contracts';
import type {
  Charge,
  Clock,
  FailureRecord,
  GenerationAggregate,
  GenerationStore,
  ListQuery,
  OperationalCounts,
  OutboxRow,
  QueueTotal,
  StageRun,
  StageRunState,
  Submission,
  SubmitOutcome,
  TenantLoad,
  TenantShare,
  Transition,
} from '@atelier/ports';
import { type CommitHint, CommitHints, mayBeWork } from './commit-hints.js';
import { commitStatement } from './commit-statement.js';
import { type Prisma, PrismaClient } from './generated/client.js';
import { decodeCursor, encodeCursor } from './list-cursor.js';
import {
  EXPIRED_LEASES,
  IS_IDLE,
  MESSAGES_OF_TENANT,
  OUTBOX,
  OVERDUE_GENERATIONS,
  QUEUE_TOTALS,
  READY_RUNS,
  runsInState,
  TENANT_LOADS,
} from './queue-queries.js';
import { aggregateOf, eventOf, type RunRow, runOf } from './rows.js';
import type { Notification } from './statement.js';
import { SubmissionLanes } from './submission-lanes.js';
import { submitStatement } from './submit-statement.js';

export interface StoreOptions {
  readonly clock: Clock;
  /** Rows over which one tenant's spending is spread. @default 8 */
  readonly spendingShards?: number;
  readonly hints?: CommitHints;
  /** Submissions sent to the database at once; the others wait here. @default all */
  readonly submissionsAtOnce?: number;
  /** Tells other processes on the same database of each commit. Absent: there are none. */
  readonly notificationOf?: (hint: CommitHint) => Notification;
  /** Called by `close` after the client is disconnected. */
  readonly onClose?: () => Promise<void>;
}

const RUNS_IN_ORDER = { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } as const satisfies Prisma.StageRunFindManyArgs;
/** SQLSTATE. */
const UNIQUE_VIOLATION = '23505';

/** The generation store on PostgreSQL: writes are single SQL statements, reads go through Prisma's typed client. */
export class PrismaGenerationStore implements GenerationStore {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;
  readonly #spendingShards: number;
  readonly #hints: CommitHints;
  readonly #submissions: SubmissionLanes;
  readonly #notificationOf: ((hint: CommitHint) => Notification) | undefined;
  readonly #onClose: () => Promise<void>;

  constructor(prisma: PrismaClient, options: StoreOptions) {
    this.#prisma = prisma;
    this.#clock = options.clock;
    this.#spendingShards = options.spendingShards ?? 8;
    this.#hints = options.hints ?? new CommitHints();
    this.#submissions = new SubmissionLanes(options.submissionsAtOnce ?? Number.POSITIVE_INFINITY);
    this.#notificationOf = options.notificationOf;
    this.#onClose = options.onClose ?? (async () => undefined);
  }

  async submit(submission: Submission): Promise<SubmitOutcome> {
    const { generation, idempotency } = submission;
    const hint = { generationId: generation.id, work: true };
    const { sql, parameters } = submitStatement(submission, this.#clock.now(), this.#notificationOf?.(hint));
    const [row] = await this.#submissions.pass(generation.tenantId, () =>
      this.#prisma.$queryRawUnsafe<{ created: number; generation_id: string | null; request_hash: string | null }[]>(
        sql,
        ...parameters,
      ),
    );
    if (row?.created === 1) {
      this.#hints.announce({ ...hint, cause: submission });
      return { outcome: 'created' };
    }
    const key = idempotency?.key ?? '';
    const existing =
      row?.generation_id != null
        ? { generationId: row.generation_id, requestHash: row.request_hash }
        : await this.#prisma.idempotencyKey.findUniqueOrThrow({
            where: { tenantId_key: { tenantId: generation.tenantId, key } },
          });
    if (existing.requestHash !== idempotency?.requestHash) return { outcome: 'key-reused' };
    return { outcome: 'replayed', generationId: existing.generationId };
  }

  async commit(transition: Transition): Promise<'applied' | 'stale'> {
    const hint = { generationId: transition.generationId, work: mayBeWork(transition) };
    const context = {
      now: this.#clock.now(),
      spendingShards: this.#spendingShards,
      notification: this.#notificationOf?.(hint),
    };
    const { sql, parameters } = commitStatement(transition, context);
    let applied: boolean;
    try {
      const [row] = await this.#prisma.$queryRawUnsafe<{ applied: number }[]>(sql, ...parameters);
      applied = row?.applied === 1;
    } catch (error) {
      // Another session charged the sample after this statement had begun: nothing of the transition was written.
      if (isChargeConflict(error)) return 'stale';
      throw error;
    }
    if (!applied) return 'stale';
    this.#hints.announce({ ...hint, cause: transition });
    return 'applied';
  }

  async get(tenantId: TenantId, id: GenerationId): Promise<GenerationAggregate | null> {
    const row = await this.#prisma.generation.findFirst({ where: { id, tenantId }, include: { runs: RUNS_IN_ORDER } });
    return row === null ? null : aggregateOf(row);
  }

  async list(
    tenantId: TenantId,
    query: ListQuery,
  ): Promise<{ generations: GenerationAggregate[]; nextCursor: string | null }> {
    const conditions: Prisma.GenerationWhereInput[] = [{ tenantId }];
    if (query.state !== undefined) conditions.push({ state: query.state });
    if (query.createdAfter !== undefined) conditions.push({ createdAt: { gt: query.createdAfter } });
    if (query.createdBefore !== undefined) conditions.push({ createdAt: { lt: query.createdBefore } });
    if (query.cursor !== undefined) {
      const { createdAt, id } = decodeCursor(query.cursor);
      conditions.push(
        { createdAt: { lte: createdAt } },
        { OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }] },
      );
    }
    const rows = await this.#prisma.generation.findMany({
      where: { AND: conditions },
      include: { runs: RUNS_IN_ORDER },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: query.limit + 1,
    });
    const page = rows.slice(0, query.limit).map(aggregateOf);
    const last = page.at(-1)?.generation;
    return {
      generations: page,
      nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last) : null,
    };
  }

  async readEvents(id: GenerationId, afterSequence: number, limit: number): Promise<EventLogEntry[]> {
    const rows = await this.#prisma.eventLogRow.findMany({
      where: { generationId: id, sequence: { gt: afterSequence } },
      orderBy: { sequence: 'asc' },
      take: limit,
    });
    return rows.map(eventOf);
  }

  watch(id: GenerationId, onChange: () => void): () => void {
    return this.#hints.watch(id, onChange);
  }

  async load(id: GenerationId): Promise<GenerationAggregate | null> {
    const row = await this.#prisma.generation.findUnique({ where: { id }, include: { runs: RUNS_IN_ORDER } });
    return row === null ? null : aggregateOf(row);
  }

  async readyRuns(now: number, limitPerTenantAndStage: number): Promise<StageRun[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RunRow[]>(READY_RUNS, now, limitPerTenantAndStage);
    return rows.map(runOf);
  }

  async runsInState(states: readonly StageRunState[], limit: number): Promise<StageRun[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RunRow[]>(runsInState(states), limit);
    return rows.map(runOf);
  }

  async expiredLeases(now: number, limit: number): Promise<StageRun[]> {
    const rows = await this.#prisma.$queryRawUnsafe<RunRow[]>(EXPIRED_LEASES, now, limit);
    return rows.map(runOf);
  }

  async overdueGenerations(now: number, limit: number): Promise<GenerationId[]> {
    const rows = await this.#prisma.$queryRawUnsafe<{ id: GenerationId }[]>(OVERDUE_GENERATIONS, now, limit);
    return rows.map(({ id }) => id);
  }

  async isIdle(): Promise<boolean> {
    const [row] = await this.#prisma.$queryRawUnsafe<{ idle: boolean }[]>(IS_IDLE);
    return row?.idle === true;
  }

  onWork(callback: (cause?: Submission | Transition) => void): () => void {
    return this.#hints.onWork(callback);
  }

  async readOutbox(limit: number): Promise<OutboxRow[]> {
    const rows = await this.#prisma.$queryRawUnsafe<
      (Omit<OutboxRow, 'createdAt' | 'partition'> & { partition: number | null; createdAt: bigint })[]
    >(OUTBOX, limit);
    return rows.map(({ partition, createdAt, ...row }) => ({
      ...row,
      ...(partition === null ? {} : { partition }),
      createdAt: Number(createdAt),
    }));
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#prisma.$executeRawUnsafe(
      'DELETE FROM outbox WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))',
      JSON.stringify(ids),
    );
  }

  async tenantShares(): Promise<TenantShare[]> {
    const rows = await this.#prisma.$queryRawUnsafe<{ id: string; weight: number; spent_ms: number }[]>(
      `SELECT t.id, t.weight, COALESCE((SELECT sum(s.spent_ms) FROM tenant_spending s WHERE s.tenant_id = t.id), 0) AS spent_ms
       FROM tenants t ORDER BY t.id`,
    );
    return rows.map((row) => ({ tenantId: row.id, weight: row.weight, spentMs: row.spent_ms }));
  }

  async tenantLoads(): Promise<TenantLoad[]> {
    const rows =
      await this.#prisma.$queryRawUnsafe<{ tenant_id: string; weight: number; jobs: number; remaining_ms: number }[]>(
        TENANT_LOADS,
      );
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      weight: row.weight,
      jobs: row.jobs,
      remainingMs: row.remaining_ms,
    }));
  }

  async queueTotals(): Promise<QueueTotal[]> {
    const rows =
      await this.#prisma.$queryRawUnsafe<
        {
          tenant_id: string;
          stage: string;
          ready_ms: number;
          in_flight_ms: number;
          oldest_ready_at: bigint | null;
        }[]
      >(QUEUE_TOTALS);
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      stage: row.stage as QueueTotal['stage'],
      readyMs: row.ready_ms,
      inFlightMs: row.in_flight_ms,
      oldestReadyAt: row.oldest_ready_at === null ? null : Number(row.oldest_ready_at),
    }));
  }

  async counts(tenantId?: TenantId): Promise<OperationalCounts> {
    const where = tenantId === undefined ? {} : { tenantId };
    const [states, outboxPending, stages] = await Promise.all([
      this.#prisma.generation.groupBy({ by: ['state'], where, _count: true }),
      tenantId === undefined ? this.#prisma.outboxMessage.count() : this.#messagesOf(tenantId),
      this.#prisma.tenantSpending.groupBy({ by: ['stage'], where, _sum: { runs: true, spentMs: true } }),
    ]);
    const stageMs = stages.map(({ stage, _sum }) => {
      const runs = Number(_sum.runs ?? 0);
      return [stage, { runs, meanMs: runs === 0 ? 0 : (_sum.spentMs ?? 0) / runs }] as const;
    });
    return {
      byState: Object.fromEntries(states.map(({ state, _count }) => [state, _count])),
      outboxPending,
      stageMs: Object.fromEntries(stageMs),
    };
  }

  async #messagesOf(tenantId: TenantId): Promise<number> {
    const [row] = await this.#prisma.$queryRawUnsafe<{ messages: number }[]>(MESSAGES_OF_TENANT, tenantId);
    return row?.messages ?? 0;
  }

  async recentFailures(limit: number): Promise<FailureRecord[]> {
    const rows = await this.#prisma.stageRun.findMany({
      where: { failedAt: { not: null } },
      orderBy: [{ failedAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
    return rows.flatMap((row) => {
      const run = runOf(row);
      // A retry that went well has cleared the error.
      if (run.error === null) return [];
      const { generationId, id: runId, stage, fence: attempt } = run;
      return [{ generationId, runId, stage, error: run.error as StageError, attempt, at: Number(row.failedAt) }];
    });
  }

  async charges(id: GenerationId): Promise<Charge[]> {
    const rows = await this.#prisma.charge.findMany({ where: { generationId: id }, orderBy: { sampleIndex: 'asc' } });
    return rows.map((row) => ({ ...row, at: Number(row.at) }));
  }

  async createTenant(tenant: { id: TenantId; weight: number; name: string }): Promise<void> {
    const { id, weight, name } = tenant;
    await this.#prisma.tenant.upsert({
      where: { id },
      create: { id, weight, name, createdAt: this.#clock.now() },
      update: { weight, name },
    });
  }

  async createApiKey(key: { tenantId: TenantId; keyHash: string; label: string }): Promise<void> {
    await this.#prisma.apiKey.create({ data: { ...key, createdAt: this.#clock.now() } });
  }

  async resolveApiKey(keyHash: string): Promise<TenantId | null> {
    const key = await this.#prisma.apiKey.findUnique({ where: { keyHash }, select: { tenantId: true } });
    return key?.tenantId ?? null;
  }

  async listApiKeys(tenantId: TenantId): Promise<{ label: string; createdAt: number; keyHashPrefix: string }[]> {
    const keys = await this.#prisma.apiKey.findMany({
      where: { tenantId },
      orderBy: [{ createdAt: 'asc' }, { keyHash: 'asc' }],
    });
    return keys.map(({ label, createdAt, keyHash }) => ({
      label,
      createdAt: Number(createdAt),
      keyHashPrefix: keyHash.slice(0, 8),
    }));
  }

  async acquireLease(name: string, holder: string, now: number, ttlMs: number): Promise<{ fencing: number } | null> {
    const [row] = await this.#prisma.$queryRawUnsafe<{ fencing: number }[]>(
      `INSERT INTO leases AS l (name, holder, fencing, until) VALUES ($1, $2, 1, $3::bigint)
       ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until,
         fencing = l.fencing + CASE WHEN l.holder = EXCLUDED.holder THEN 0 ELSE 1 END
       WHERE l.holder = EXCLUDED.holder OR l.until <= $4::bigint
       RETURNING fencing`,
      name,
      holder,
      now + ttlMs,
      now,
    );
    return row === undefined ? null : { fencing: row.fencing };
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
    await this.#onClose();
  }
}

const isChargeConflict = (error: unknown): boolean => {
  const { meta } = error as {
    meta?: { driverAdapterError?: { cause?: { originalCode?: string; originalMessage?: string } } };
  };
  const cause = meta?.driverAdapterError?.cause;
  return cause?.originalCode === UNIQUE_VIOLATION && cause.originalMessage?.includes('charges_pkey') === true;
};
