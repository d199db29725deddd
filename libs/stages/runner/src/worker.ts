import type { Stage, StageRequested } from '@atelier/contracts';
import type { Clock, CrashPoints, EngineDescription, Ids, MessageBus, TopicHandler } from '@atelier/ports';
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
  readonly load?: Partial<Record<Stage, WorkerLoad>>;
  readonly cacheDigests?: () => readonly string[];
  readonly crashPoints?: CrashPoints;
  readonly progressIntervalMs?: number;
  readonly announceMs?: number;
  readonly reportIntervalMs?: number;
  readonly loadReportMs?: number;
  readonly onError?: (error: unknown, order?: StageRequested<Stage>) => void;
}

export interface WorkerLoad {
  /** Orders executed at once. */
  readonly concurrency: number;
  /** Orders held: executing + prefetched. */
  readonly capacity: number;
}

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
  return {
    handlers: [
      ...workers.map((worker) => worker.handler),
      cancellations.handler(options.processId),
      ...(denoising ? [slotHandler(denoising, options.processId)] : []),
    ] as readonly TopicHandler[],
    workerIds: Object.fromEntries(workers.map(({ stage, workerId }) => [stage, workerId])),
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
  private draining = false;

  constructor(policy: AnyStagePolicy, options: WorkerOptions, cancellations: Cancellations) {
    const { bus, clock, ids, engine, onError } = options;
    const load = options.load?.[policy.stage] ?? DEFAULT_LOAD[policy.stage];
    this.stage = policy.stage;
    this.clock = clock;
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
  }

  async assign(slot: number): Promise<void> {
    if (this.reporter.slot === slot) return;
    this.reporter.slot = slot;
    await this.reporter.report();
  }
}

/** A denoising worker learns its directed slot from the broadcast and confirms it with a report. */
function slotHandler(denoising: StageWorker, processId: string): TopicHandler<'worker.assigned.v1'> {
  return {
    topic: 'worker.assigned.v1',
    group: `assignments-${processId}`,
    handle: async (assignment) => {
      if (assignment.workerId === denoising.workerId) await denoising.assign(assignment.slot);
    },
  };
}

/** The named options that are set: an optional property may be absent but not undefined. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Partial<
    Pick<T, K>
  >;
}
