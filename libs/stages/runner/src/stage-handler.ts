import {
  type Stage,
  type StageError,
  type StageRequested,
  type StageResult,
  stageTopic,
  type TopicMessage,
  type TopicName,
  type TopicValue,
  toMessage,
  type WorkerId,
} from '@atelier/contracts';
import {
  type Clock,
  type CrashPoints,
  type Ids,
  type MessageBus,
  NO_CRASH_POINTS,
  type ReceivedMessage,
  type TopicHandler,
} from '@atelier/ports';
import type { Cancellations } from './cancellations.js';
import { type Execution, Executions, stopReason } from './executions.js';
import { ProgressPublisher } from './progress-publisher.js';
import { stageError, toStageError } from './stage-failure.js';
import type { StagePolicy } from './stage-policy.js';

export interface StageHandlerOptions {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'executionId'>;
  readonly workerId: WorkerId;
  readonly engineFingerprint: string;
  readonly cancellations: Cancellations;
  readonly executions?: Executions;
  /** True once the worker takes no new work: an order that still arrives is handed back at once. */
  readonly isDraining?: () => boolean;
  readonly crashPoints?: CrashPoints;
  /** Orders executed at once. @default 1 */
  readonly concurrency?: number;
  /** Shortest time between two plain progress messages; never more than a quarter of the lease. @default 250 */
  readonly progressIntervalMs?: number;
  /** Runs predicted to take less do not announce their start. @default 500 */
  readonly announceMs?: number;
  readonly onError?: (error: unknown, order: StageRequested<Stage>) => void;
}

/**
 * Wraps a policy into the handler of `<stage>.requested.v1`. An order ends in exactly one of: completed published,
 * failed published, handed back (draining), or dropped without an answer (canceled, superseded, a repetition, another
 * worker's).
 * Resolving acknowledges the order, so it happens only after the answer is on the bus.
 */
export function createStageHandler<S extends Stage>(
  policy: StagePolicy<S>,
  options: StageHandlerOptions,
): TopicHandler<`${S}.requested.v1`> {
  const runner = new StageRunner(policy, options);
  return {
    topic: stageTopic(policy.stage, 'requested'),
    group: policy.stage,
    concurrency: options.concurrency ?? 1,
    handle: (order, context) => runner.handle(order as StageRequested<S>, context),
  };
}

type Order = StageRequested<Stage>;

interface Attempt<S extends Stage> {
  readonly order: StageRequested<S>;
  readonly executionId: string;
  readonly traceparent: string | undefined;
  readonly startedMs: number;
}

class StageRunner<S extends Stage> {
  private readonly executions: Executions;
  private readonly crashPoints: CrashPoints;

  constructor(
    private readonly policy: StagePolicy<S>,
    private readonly options: StageHandlerOptions,
  ) {
    this.executions = options.executions ?? new Executions();
    this.crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
  }

  async handle(order: StageRequested<S>, context: { signal: AbortSignal; message: ReceivedMessage }): Promise<void> {
    const { cancellations, workerId } = this.options;
    // Left in this slot by an owner that is gone: its lease has ended, and the run was ordered anew.
    if (order.workerId !== undefined && order.workerId !== workerId) return;
    if (cancellations.isCanceled(order.generationId)) return;
    if (this.options.isDraining?.() || context.signal.aborted) return this.handBack(order);
    const execution = this.executions.begin(order.runId, order.fence);
    if (!execution) return;
    const forgetCancel = cancellations.onCancel(order.generationId, () => execution.stop('canceled'));
    const drain = () => execution.stop('draining');
    context.signal.addEventListener('abort', drain, { once: true });
    let answered = false;
    try {
      answered = await this.executeAndAnswer(order, execution, context.message.headers.traceparent);
    } finally {
      context.signal.removeEventListener('abort', drain);
      forgetCancel();
      execution.end(answered ? 'answered' : 'dropped');
    }
  }

  /** True when an answer was published. */
  private async executeAndAnswer(
    order: StageRequested<S>,
    execution: Execution,
    traceparent: string | undefined,
  ): Promise<boolean> {
    const attempt: Attempt<S> = {
      order,
      traceparent,
      executionId: this.options.ids.executionId(),
      startedMs: this.options.clock.monotonicMs(),
    };
    const answer = this.isExpired(order)
      ? this.failed(attempt, stageError('expired', 'deadline_exceeded', 'the deadline passed before the run started'))
      : await this.execute(attempt, execution.signal);
    if (answer === 'hand-back') {
      await this.handBack(order);
      return false;
    }
    if (answer === 'drop') return false;
    await this.options.bus.publish([answer]);
    this.crashPoints.reach('worker.after-publish');
    return true;
  }

  private isExpired(order: Order): boolean {
    return order.deadlineAt !== undefined && this.options.clock.now() > order.deadlineAt;
  }

  private async execute(attempt: Attempt<S>, signal: AbortSignal): Promise<TopicMessage | 'drop' | 'hand-back'> {
    this.crashPoints.reach('worker.before-execute');
    try {
      const result = await this.policy.execute(attempt.order.input as never, this.contextOf(attempt, signal));
      this.crashPoints.reach('worker.after-execute');
      // Work that finished while draining is worth its answer; work that nobody wants any more is not.
      const reason = stopReason(signal);
      return reason === 'canceled' || reason === 'superseded' ? 'drop' : this.completed(attempt, result);
    } catch (error) {
      const reason = stopReason(signal);
      if (reason) return reason === 'draining' ? 'hand-back' : 'drop';
      this.options.onError?.(error, attempt.order);
      return this.failed(attempt, toStageError(error));
    }
  }

  private contextOf({ order, executionId, traceparent }: Attempt<S>, signal: AbortSignal) {
    const { bus, clock, workerId, progressIntervalMs = 250, announceMs = 500, onError } = this.options;
    const publisher = new ProgressPublisher(order, {
      bus,
      clock,
      workerId,
      executionId,
      traceparent,
      intervalMs: Math.min(progressIntervalMs, order.leaseMs / 4),
      announceMs,
      onError: (error) => onError?.(error, order),
    });
    return {
      tenantId: order.tenantId,
      generationId: order.generationId,
      runId: order.runId,
      fence: order.fence,
      weights: order.weights,
      blobPrefix: `${order.blobPrefix}-${executionId}`,
      signal,
      progress: publisher.report.bind(publisher),
    };
  }

  private completed(attempt: Attempt<S>, result: StageResult<S>): TopicMessage {
    return this.answer(attempt, 'completed', { result });
  }

  private failed(attempt: Attempt<S>, error: StageError): TopicMessage {
    return this.answer(attempt, 'failed', { error });
  }

  private answer(attempt: Attempt<S>, verb: 'completed' | 'failed', outcome: object): TopicMessage {
    const { order, executionId, traceparent, startedMs } = attempt;
    const { clock, workerId, engineFingerprint } = this.options;
    const topic: TopicName = stageTopic(order.stage, verb);
    const value = {
      schemaVersion: 1,
      tenantId: order.tenantId,
      generationId: order.generationId,
      runId: order.runId,
      stage: order.stage,
      fence: order.fence,
      executionId,
      workerId,
      engineFingerprint,
      durationMs: clock.monotonicMs() - startedMs,
      ...outcome,
    } as TopicValue<typeof topic>;
    return toMessage(topic, order.generationId, value, {
      id: `${order.runId}.${order.fence}.${executionId}.${verb}`,
      source: `/workers/${order.stage}/${workerId}`,
      time: clock.now(),
      traceparent,
    });
  }

  /** The orchestrator gives the run to another worker at once, without counting it as lost. */
  private async handBack(order: Order): Promise<void> {
    const { bus, clock, workerId } = this.options;
    const handedBack = [{ runId: order.runId, fence: order.fence }];
    const value = { schemaVersion: 1 as const, workerId, stage: order.stage, handedBack };
    const attributes = {
      id: `${order.runId}.${order.fence}.handed-back`,
      source: `/workers/${order.stage}/${workerId}`,
      time: clock.now(),
    };
    await bus.publish([toMessage('worker.draining.v1', workerId, value, attributes)]);
  }
}
