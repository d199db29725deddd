import type { Stage, StageRequested, WorkerAssigned } from '@atelier/contracts';
import type {
  Clock,
  CrashPoints,
  EngineDescription,
  Ids,
  MessageBus,
  Subscription,
  TopicHandler,
} from '@atelier/ports';
import { Cancellations } from './cancellations.js';
import { Executions } from './executions.js';
import { createStageHandler } from './stage-handler.js';
import type { StagePolicy } from './stage-policy.js';
import { WorkerReporter } from './worker-reporter.js';

export type AnyStagePolicy = { [S in Stage]: StagePolicy<S> }[Stage];

export interface WorkerOptions {
  /** One worker per policy; a cluster process passes one, a laptop all five. */
  readonly policies: readonly AnyStagePolicy[];
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'executionId'>;
  readonly engine: EngineDescription;
  /** Names the process; the worker of a stage is `<stage>-<processId>`. */
  readonly processId: string;
  /**
   * Reads orders of denoising from the assigned slot alone; called for every slot that this worker comes to own. Without
   * it the handler of denoising is one of `handlers` and reads the whole topic: right where a process has all workers.
   */
  readonly openSlot?: OpenSlot;
  readonly load?: Partial<Record<Stage, WorkerLoad>>;
  readonly cacheDigests?: () => readonly string[];
  readonly crashPoints?: CrashPoints;
  readonly progressIntervalMs?: number;
  readonly announceMs?: number;
  readonly reportIntervalMs?: number;
  readonly loadReportMs?: number;
  readonly onError?: (error: unknown, order?: StageRequested<Stage>) => void;
}

/** Opens the slot of an assignment; a later `leaseUntil` is the better claim to it. */
export type OpenSlot = (handler: TopicHandler, assignment: WorkerAssigned) => Promise<Pick<Subscription, 'close'>>;

export interface WorkerLoad {
  /** Orders executed at once. */
  readonly concurrency: number;
  /** Orders held: executing + prefetched. */
  readonly capacity: number;
}

/** Turns of the event loop within which a bus hands over what it holds already. */
const DELIVERY_TURNS = 20;

/** A run of an old slot may take as long as it needs. */
const SLOT_DRAIN_MS = 3_600_000;

/** Denoising owns the processor; the short stages overlap their file and codec work. */
const DEFAULT_LOAD: Record<Stage, WorkerLoad> = {
  'prompt-expansion': { concurrency: 2, capacity: 4 },
  'reference-encoding': { concurrency: 1, capacity: 2 },
  denoising: { concurrency: 1, capacity: 2 },
  decoding: { concurrency: 2, capacity: 4 },
  scoring: { concurrency: 2, capacity: 4 },
};

export interface Worker {
  /** Bind every one of these to the bus before `start`. */
  readonly handlers: readonly TopicHandler[];
  readonly workerIds: Readonly<Partial<Record<Stage, string>>>;
  /** Slot that the denoising worker reads; null until one is assigned. */
  slot(): number | null;
  /** Orders that are executed now, of all stages. */
  inFlight(): number;
  /** Reports the workers as present. */
  start(): Promise<void>;
  /**
   * Takes no new work, lets what runs finish for `drainMs`, then stops it and hands it back. Keep the bus open until
   * it resolves: answers and hand-backs are published on the way.
   */
  stop(drainMs?: number): Promise<void>;
}

/** One worker per policy in this process, sharing the subscriptions that a process needs only once. */
export function createWorker(options: WorkerOptions): Worker {
  const cancellations = new Cancellations(options.clock);
  const workers = options.policies.map((policy) => new StageWorker(policy, options, cancellations));
  const denoising = workers.find((worker) => worker.stage === 'denoising');
  const bound = options.openSlot ? workers.filter((worker) => worker !== denoising) : workers;
  return {
    handlers: [
      ...bound.map((worker) => worker.handler),
      cancellations.handler(options.processId),
      ...(denoising ? [slotHandler(denoising, options.processId)] : []),
    ] as readonly TopicHandler[],
    workerIds: Object.fromEntries(workers.map(({ stage, workerId }) => [stage, workerId])),
    slot: () => denoising?.slot ?? null,
    inFlight: () => workers.reduce((sum, worker) => sum + worker.inFlight, 0),
    start: async () => {
      await Promise.all(workers.map((worker) => worker.start()));
    },
    stop: async (drainMs = 10_000) => {
      await Promise.all(workers.map((worker) => worker.stop(drainMs)));
    },
  };
}

class StageWorker {
  readonly stage: Stage;
  readonly workerId: string;
  readonly handler: TopicHandler;
  private readonly executions: Executions;
  private readonly reporter: WorkerReporter;
  private readonly clock: Clock;
  private readonly openSlot: OpenSlot | undefined;
  private readonly onError: (error: unknown) => void;
  private slotReader: Pick<Subscription, 'close'> | null = null;
  private changingSlot: Promise<void> = Promise.resolve();
  private draining = false;

  constructor(policy: AnyStagePolicy, options: WorkerOptions, cancellations: Cancellations) {
    const { bus, clock, ids, engine, onError } = options;
    const load = options.load?.[policy.stage] ?? DEFAULT_LOAD[policy.stage];
    this.stage = policy.stage;
    this.clock = clock;
    this.openSlot = options.openSlot;
    this.onError = (error) => onError?.(error);
    this.workerId = `${policy.stage}-${options.processId}`;
    this.executions = new Executions(() => this.reporter.loadChanged());
    this.reporter = new WorkerReporter({
      bus,
      clock,
      engine,
      workerId: this.workerId,
      stage: policy.stage,
      capacity: load.capacity,
      inFlight: () => this.executions.inFlight,
      ...pick(options, 'cacheDigests', 'reportIntervalMs', 'loadReportMs'),
      ...(onError ? { onError: (error: unknown) => onError(error) } : {}),
    });
    this.handler = createStageHandler(policy as StagePolicy<Stage>, {
      bus,
      clock,
      ids,
      cancellations,
      workerId: this.workerId,
      engineFingerprint: engine.engineFingerprint,
      executions: this.executions,
      isDraining: () => this.draining,
      concurrency: load.concurrency,
      ...pick(options, 'crashPoints', 'progressIntervalMs', 'announceMs', 'onError'),
    }) as TopicHandler;
  }

  async start(): Promise<void> {
    this.draining = false;
    await this.reporter.start();
  }

  async stop(drainMs: number): Promise<void> {
    this.draining = true;
    this.reporter.stop();
    await this.reporter.announceDraining();
    const waiting = new AbortController();
    const idle = this.executions.idle();
    await Promise.race([idle, this.clock.sleep(drainMs, waiting.signal)]);
    waiting.abort();
    this.executions.stopAll('draining');
    await idle;
    // The bus delivers a prefetched order as soon as the handler before it has returned; it is handed back then. Left
    // on the bus it would wait for its lease to end.
    for (let turn = 0; turn < DELIVERY_TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  get slot(): number | null {
    return this.reporter.slot;
  }

  get inFlight(): number {
    return this.executions.inFlight;
  }

  /** Resolves once the slot is read and reported: orders come only after the report. */
  assign(assignment: WorkerAssigned): Promise<void> {
    const { slot } = assignment;
    return this.changeSlot(async () => {
      if (this.reporter.slot === slot || this.draining) return;
      const reader = (await this.openSlot?.(this.handler, assignment)) ?? null;
      this.closeReader();
      this.slotReader = reader;
      this.reporter.slot = slot;
      await this.reporter.report();
    });
  }

  /** Another worker owns the slot by now: this one was silent for too long and asks for a new one. */
  loseSlot(slot: number): Promise<void> {
    return this.changeSlot(async () => {
      if (this.reporter.slot !== slot) return;
      this.closeReader();
      this.reporter.slot = null;
      await this.reporter.report();
    });
  }

  private changeSlot(change: () => Promise<void>): Promise<void> {
    const changed = this.changingSlot.then(change);
    this.changingSlot = changed.catch(() => undefined);
    return changed;
  }

  /** A run that came through the old slot goes on; whether its result still counts is up to its fence. */
  private closeReader(): void {
    this.slotReader?.close(SLOT_DRAIN_MS).catch(this.onError);
    this.slotReader = null;
  }
}

/** A denoising worker learns its directed slot from the broadcast and confirms it with a report. */
function slotHandler(denoising: StageWorker, processId: string): TopicHandler<'worker.assigned.v1'> {
  return {
    topic: 'worker.assigned.v1',
    group: `assignments-${processId}`,
    handle: async (assignment) => {
      if (assignment.workerId === denoising.workerId) await denoising.assign(assignment);
      else await denoising.loseSlot(assignment.slot);
    },
  };
}

/** The named options that are set: an optional property may be absent but not undefined. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Partial<
    Pick<T, K>
  >;
}
