import type {
  EventLogEntry,
  EventLogType,
  GenerationId,
  GenerationRequest,
  GenerationState,
  Priority,
  PromptExpansionResult,
  RunId,
  SampleState,
  Stage,
  StageError,
  StageErrorClass,
  TenantId,
  Warning,
  WeightsRef,
  WorkerId,
} from '@atelier/contracts';
import { STAGE_RUN_STATES, type StageRunState, type TenantLoad } from '@atelier/domain';

export { STAGE_RUN_STATES, type StageRunState, type TenantLoad };

/**
 * Durable state of everything. Semantics every adapter must prove (`generation-store.conformance.ts`):
 * - `commit` is one atomic statement: all of a transition or nothing, with its event log entries and outbox rows;
 * - a transition guarded by a run's fence is refused (`stale`) once that fence is not current or the run has moved on:
 *   of two racing writers exactly one wins;
 * - a transition that names `expectedSequence` is `stale` unless the log's last sequence is exactly that: decisions that
 *   read siblings (the last output decoded, the last sample settled) never overwrite each other;
 * - event log sequences of a generation are 1, 2, 3 ... without gaps or repeats;
 * - what was acknowledged survives kill -9;
 * - a tenant never reads another tenant's row.
 */
export interface GenerationStore {
  // --- writing
  /** Inserts a generation with its first runs, log entries and outbox rows; or finds the one this key already made. */
  submit(submission: Submission): Promise<SubmitOutcome>;
  commit(transition: Transition): Promise<'applied' | 'stale'>;

  // --- reading for clients
  get(tenantId: TenantId, id: GenerationId): Promise<GenerationAggregate | null>;
  list(
    tenantId: TenantId,
    query: ListQuery,
  ): Promise<{ generations: GenerationAggregate[]; nextCursor: string | null }>;
  readEvents(id: GenerationId, afterSequence: number, limit: number): Promise<EventLogEntry[]>;
  /** Calls back after each commit that touched the generation (hints only: read the log for the truth). */
  watch(id: GenerationId, onChange: () => void): () => void;

  // --- reading for orchestration
  /** The aggregate without tenant check. */
  load(id: GenerationId): Promise<GenerationAggregate | null>;
  /**
   * Runs that may be dispatched now (state ready, `nextAttemptAt` passed), most urgent first: at most `limit` for each
   * pair of tenant and stage, so that a tenant's long queue for one stage hides neither its other stages nor other tenants.
   * Order: `urgencyAt` of `@atelier/domain` (`createdAt` plus 0, 60,000 or 120,000 ms for high, normal, low), then id.
   */
  readyRuns(now: number, limitPerTenantAndStage: number): Promise<StageRun[]>;
  runsInState(states: readonly StageRunState[], limit: number): Promise<StageRun[]>;
  /** Dispatched or running with a lease that ended before `now`. */
  expiredLeases(now: number, limit: number): Promise<StageRun[]>;
  /** Generations that are not terminal and whose `request.deadlineAt` is at or before `now`, oldest deadline first. */
  overdueGenerations(now: number, limit: number): Promise<GenerationId[]>;
  /** Whether every generation has ended and no message waits for the relay: then nobody has anything to do. */
  isIdle(): Promise<boolean>;
  /**
   * Calls back when new work may be ready or an outbox row waits. `cause` is the very object whose commit through this
   * store caused it, so that a committer can tell its own; it is absent for commits of other processes.
   */
  onWork(callback: (cause?: Submission | Transition) => void): () => void;

  // --- outbox
  /** Unpublished rows in commit order. */
  readOutbox(limit: number): Promise<OutboxRow[]>;
  markPublished(ids: readonly string[]): Promise<void>;

  // --- fairness, workers, operations
  tenantShares(): Promise<TenantShare[]>;
  /** With a tenant: of its generations, their messages and its stage time alone. */
  counts(tenantId?: TenantId): Promise<OperationalCounts>;
  /** What waits and what workers hold, by tenant and stage; pairs without either are absent. */
  queueTotals(): Promise<QueueTotal[]>;
  /** One row per tenant with unfinished generations; `remainingMs` sums the predictions of its unfinished runs. */
  tenantLoads(): Promise<TenantLoad[]>;
  recentFailures(limit: number): Promise<FailureRecord[]>;
  charges(id: GenerationId): Promise<Charge[]>;

  // --- tenants and keys
  createTenant(tenant: { id: TenantId; weight: number; name: string }): Promise<void>;
  createApiKey(key: { tenantId: TenantId; keyHash: string; label: string }): Promise<void>;
  /** The tenant a key's sha256 belongs to. */
  resolveApiKey(keyHash: string): Promise<TenantId | null>;
  listApiKeys(tenantId: TenantId): Promise<{ label: string; createdAt: number; keyHashPrefix: string }[]>;

  // --- leadership of relay and dispatcher
  /**
   * Epoch milliseconds of the server that several processes share, so that they agree on what time it is however their
   * own clocks stand. Absent where the store belongs to one process.
   */
  serverTime?(): Promise<number>;
  /** Grants or renews a named lease; `fencing` rises with every change of holder. Null: someone else holds it. */
  acquireLease(name: string, holder: string, now: number, ttlMs: number): Promise<{ fencing: number } | null>;

  close(): Promise<void>;
}

export interface StageRun {
  readonly id: RunId;
  readonly generationId: GenerationId;
  readonly tenantId: TenantId;
  readonly stage: Stage;
  readonly sampleIndex: number | null;
  readonly candidateIndex: number | null;
  readonly outputIndex: number | null;
  readonly referenceIndex: number | null;
  readonly state: StageRunState;
  /** Number of the current execution order; 0 before the first dispatch. */
  readonly fence: number;
  readonly attempts: Readonly<Partial<Record<StageErrorClass, number>>>;
  readonly lostWorkers: readonly WorkerId[];
  readonly workerId: WorkerId | null;
  readonly leaseUntil: number | null;
  readonly nextAttemptAt: number;
  readonly priority: Priority;
  readonly predictedMs: number;
  readonly durationMs: number | null;
  readonly step: number | null;
  readonly steps: number | null;
  /** Validated by the stage's contract. */
  readonly input: unknown;
  readonly result: unknown;
  readonly error: StageError | null;
  readonly checkpoint: unknown;
  readonly previewKey: string | null;
  readonly createdAt: number;
  readonly readyAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly traceparent: string | null;
}

export interface Sample {
  readonly index: number;
  readonly state: SampleState;
  readonly error: StageError | null;
  readonly chosenCandidate: number | null;
}

export interface Generation {
  readonly id: GenerationId;
  readonly tenantId: TenantId;
  readonly state: GenerationState;
  readonly request: GenerationRequest;
  readonly weights: WeightsRef;
  readonly samples: readonly Sample[];
  readonly expansion: PromptExpansionResult | null;
  readonly warnings: readonly Warning[];
  readonly error: StageError | null;
  readonly traceparent: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface GenerationAggregate {
  readonly generation: Generation;
  readonly runs: readonly StageRun[];
  readonly lastSequence: number;
}

export interface NewOutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
}
export interface OutboxRow extends NewOutboxRow {
  readonly id: string;
  readonly createdAt: number;
}

export type NewEvent = Omit<EventLogEntry, 'sequence' | 'type'> & { readonly type: EventLogType };

export interface Submission {
  readonly generation: Generation;
  readonly runs: readonly StageRun[];
  readonly events: readonly NewEvent[];
  readonly outbox: readonly NewOutboxRow[];
  /** Unique per tenant; `requestHash` tells a replay from a reuse with another request. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
}
export type SubmitOutcome =
  | { readonly outcome: 'created' }
  | { readonly outcome: 'replayed'; readonly generationId: GenerationId }
  | { readonly outcome: 'key-reused' };

/** Who may apply a transition: the run must hold this fence in one of these states; or the generation be not terminal. */
export type Guard =
  | { readonly kind: 'run'; readonly runId: RunId; readonly fence: number; readonly states: readonly StageRunState[] }
  | { readonly kind: 'generation-active' }
  | { readonly kind: 'generation-state'; readonly state: GenerationState };

/** One atomic change of one generation. Only the fields given are written. */
export interface Transition {
  readonly generationId: GenerationId;
  readonly guard: Guard;
  /** Last sequence of the log that the decision was made on; with another one the transition is `stale`. */
  readonly expectedSequence?: number;
  readonly generation?: Partial<
    Pick<Generation, 'state' | 'samples' | 'expansion' | 'warnings' | 'error' | 'startedAt' | 'finishedAt'>
  >;
  readonly insertRuns?: readonly StageRun[];
  readonly updateRuns?: readonly ({ readonly id: RunId } & Partial<
    Omit<StageRun, 'id' | 'generationId' | 'tenantId' | 'stage'>
  >)[];
  readonly events?: readonly NewEvent[];
  readonly outbox?: readonly NewOutboxRow[];
  /** At most one charge row per (generation, sample) can ever exist; a second one makes the transition `stale`. */
  readonly charges?: readonly Charge[];
  /** Added to the tenant's spent milliseconds, for the fairness order. */
  readonly spentMs?: { readonly tenantId: TenantId; readonly stage: Stage; readonly ms: number };
}

export interface Charge {
  readonly generationId: GenerationId;
  readonly tenantId: TenantId;
  readonly sampleIndex: number;
  readonly computeMs: number;
  readonly at: number;
}

/** Newest first. Both moments are exclusive. */
export interface ListQuery {
  readonly limit: number;
  /** `nextCursor` of the page before; anything else is `ListCursorError`. */
  readonly cursor?: string;
  readonly state?: GenerationState;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

/** Thrown when a cursor was not made by `list`. */
export class ListCursorError extends Error {
  override readonly name = 'ListCursorError';
  constructor() {
    super('the list cursor is not valid');
  }
}

/**
 * Thrown by any method while the database cannot be had, or when its connection broke before the answer: whether an
 * unanswered write is stored is not known then. Asking again is safe with the same guard, or idempotency key.
 */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError';
  readonly retryable = true;
}

export interface TenantShare {
  readonly tenantId: TenantId;
  readonly weight: number;
  /** Measured stage milliseconds since the store began. */
  readonly spentMs: number;
}

export interface QueueTotal {
  readonly tenantId: TenantId;
  readonly stage: Stage;
  /** Predicted milliseconds of ready runs, and of runs that workers hold an order for. */
  readonly readyMs: number;
  readonly inFlightMs: number;
  /** Since when the oldest ready run of the pair is ready; null where none is. */
  readonly oldestReadyAt: number | null;
}

export interface OperationalCounts {
  readonly byState: Readonly<Record<string, number>>;
  readonly outboxPending: number;
  readonly stageMs: Readonly<Record<string, { runs: number; meanMs: number }>>;
}

export interface FailureRecord {
  readonly generationId: GenerationId;
  readonly runId: RunId;
  readonly stage: Stage;
  readonly error: StageError;
  readonly attempt: number;
  readonly at: number;
}
