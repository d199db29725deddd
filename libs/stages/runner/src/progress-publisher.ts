import { type Stage, type StageRequested, toMessage, type WorkerId } from '@atelier/contracts';
import type { Clock, MessageBus } from '@atelier/ports';
import type { StageContext } from './stage-policy.js';

type Progress = Parameters<StageContext['progress']>[0];

export interface ProgressPublisherOptions {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly workerId: WorkerId;
  readonly executionId: string;
  readonly traceparent: string | undefined;
  /** Shortest time between two messages that carry neither checkpoint nor preview. */
  readonly intervalMs: number;
  /** Runs predicted to be shorter than this do not announce their step 0, unless they were ordered before. */
  readonly announceMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Turns a policy's progress into `generation.progressed.v1`. A message renews the lease, so a report that has not
 * advanced is dropped: a stuck policy loses its lease however often it reports.
 */
export class ProgressPublisher {
  private lastStep = -1;
  private lastCheckpointStep = 0;
  private lastPublishedMs: number;
  private published = 0;

  constructor(
    private readonly order: StageRequested<Stage>,
    private readonly options: ProgressPublisherOptions,
  ) {
    this.lastPublishedMs = options.clock.monotonicMs();
  }

  async report(progress: Progress): Promise<void> {
    if (!this.isDue(progress)) return;
    this.lastStep = progress.step;
    this.lastCheckpointStep = progress.checkpoint?.step ?? this.lastCheckpointStep;
    this.lastPublishedMs = this.options.clock.monotonicMs();
    this.published += 1;
    const message = this.message(progress);
    try {
      await this.options.bus.publish([message]);
    } catch (error) {
      // A lost sign of life costs at most the lease; the work itself goes on.
      this.options.onError(error);
    }
  }

  private isDue(progress: Progress): boolean {
    const newCheckpoint = (progress.checkpoint?.step ?? 0) > this.lastCheckpointStep;
    if (progress.step <= this.lastStep && !newCheckpoint) return false;
    if (newCheckpoint || progress.preview !== undefined) return true;
    // A run that came back may be what took its last worker: only one that is known to have begun can be blamed for this.
    if (progress.step === 0) return this.order.fence > 1 || this.order.predictedMs >= this.options.announceMs;
    return this.options.clock.monotonicMs() - this.lastPublishedMs >= this.options.intervalMs;
  }

  private message(progress: Progress) {
    const { order, options } = this;
    return toMessage(
      'generation.progressed.v1',
      order.generationId,
      {
        schemaVersion: 1,
        tenantId: order.tenantId,
        generationId: order.generationId,
        runId: order.runId,
        fence: order.fence,
        stage: order.stage,
        workerId: options.workerId,
        ...progress,
      },
      {
        id: `${order.runId}.${order.fence}.${options.executionId}.progressed.${this.published}`,
        source: `/workers/${order.stage}/${options.workerId}`,
        time: options.clock.now(),
        traceparent: options.traceparent,
      },
    );
  }
}
