import { type Stage, toMessage, type WorkerId } from '@atelier/contracts';
import type { Clock, EngineDescription, MessageBus } from '@atelier/ports';

export interface WorkerReporterOptions {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly workerId: WorkerId;
  readonly stage: Stage;
  readonly engine: EngineDescription;
  /** Runs the worker may hold: running + prefetched. */
  readonly capacity: number;
  readonly inFlight: () => number;
  /** Newest keys of the reference K/V at hand. */
  readonly cacheDigests?: () => readonly string[];
  /** @default 5000 */
  readonly reportIntervalMs?: number;
  /** Changes of load closer together than this share a report. @default 200 */
  readonly loadReportMs?: number;
  readonly onError?: (error: unknown) => void;
}

const MAX_CACHE_DIGESTS = 256;

/** Publishes `worker.reported.v1` at start, regularly, and when the load has changed; `worker.draining.v1` at the end. */
export class WorkerReporter {
  slot: number | null = null;
  private reports = 0;
  private reportedInFlight = 0;
  private loadReportDue = false;
  private stopping = new AbortController();

  constructor(private readonly options: WorkerReporterOptions) {}

  /** Resolves after the first report; the regular ones follow until `stop`. */
  async start(): Promise<void> {
    this.stopping = new AbortController();
    await this.report();
    void this.reportRegularly(this.stopping.signal);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Call on every change of load; reports are merged, and one that would say nothing new is not sent. */
  loadChanged(): void {
    const { signal } = this.stopping;
    if (this.loadReportDue || this.reports === 0 || signal.aborted) return;
    this.loadReportDue = true;
    void this.options.clock.sleep(this.options.loadReportMs ?? 200, signal).then(async () => {
      this.loadReportDue = false;
      if (!signal.aborted && this.options.inFlight() !== this.reportedInFlight) await this.report();
    });
  }

  async report(): Promise<void> {
    const { workerId, stage, engine, capacity } = this.options;
    this.reportedInFlight = this.options.inFlight();
    await this.publish('worker.reported.v1', {
      schemaVersion: 1,
      workerId,
      stage,
      slot: this.slot,
      capacity,
      inFlight: this.reportedInFlight,
      engineFingerprint: engine.engineFingerprint,
      weights: [engine.manifest.name],
      maxPixels: engine.maxPixels,
      cacheDigests: [...(this.options.cacheDigests?.() ?? [])].slice(0, MAX_CACHE_DIGESTS),
      reportedAt: this.options.clock.now(),
    });
  }

  /** Says that the worker takes no new work. */
  async announceDraining(): Promise<void> {
    const { workerId, stage } = this.options;
    await this.publish('worker.draining.v1', { schemaVersion: 1, workerId, stage, handedBack: [] });
  }

  private async reportRegularly(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.options.clock.sleep(this.options.reportIntervalMs ?? 5_000, signal);
      if (!signal.aborted) await this.report();
    }
  }

  private async publish(
    topic: 'worker.reported.v1' | 'worker.draining.v1',
    value: Parameters<typeof toMessage<typeof topic>>[2],
  ): Promise<void> {
    const { bus, clock, workerId, stage } = this.options;
    this.reports += 1;
    const attributes = {
      id: `${workerId}.${clock.now()}.${this.reports}`,
      source: `/workers/${stage}/${workerId}`,
      time: clock.now(),
    };
    try {
      await bus.publish([toMessage(topic, workerId, value, attributes)]);
    } catch (error) {
      // The next report says it again; a worker that cannot report is not dispatched to, which is right.
      this.options.onError?.(error);
    }
  }
}
