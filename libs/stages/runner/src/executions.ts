import type { RunId } from '@atelier/contracts';

export type StopReason = 'canceled' | 'superseded' | 'draining';

/** The abort reason of a stopped execution. */
export class ExecutionStopped extends Error {
  override readonly name = 'ExecutionStopped';
  constructor(readonly reason: StopReason) {
    super(`the execution was stopped: ${reason}`);
  }
}

export interface Execution {
  readonly runId: RunId;
  readonly fence: number;
  readonly signal: AbortSignal;
  stop(reason: StopReason): void;
  /** `answered`: completed or failed was published, so a redelivery of this order needs no second execution. */
  end(outcome: 'answered' | 'dropped'): void;
}

const ANSWERED_COUNT = 2_000;

/** What one stage worker executes now, and which orders it has answered: the bus may deliver an order again. */
export class Executions {
  private readonly running = new Map<RunId, Execution>();
  /** Highest fence answered per run. */
  private readonly answered = new Map<RunId, number>();
  private readonly idleWaiters = new Set<() => void>();

  constructor(private readonly onLoadChange: (inFlight: number) => void = () => undefined) {}

  get inFlight(): number {
    return this.running.size;
  }

  /** Null for an order that is executing, was answered, or is older than one that is or was. A newer fence stops the older. */
  begin(runId: RunId, fence: number): Execution | null {
    const current = this.running.get(runId);
    if (Math.max(this.answered.get(runId) ?? 0, current?.fence ?? 0) >= fence) return null;
    current?.stop('superseded');
    const controller = new AbortController();
    const execution: Execution = {
      runId,
      fence,
      signal: controller.signal,
      stop: (reason) => controller.abort(new ExecutionStopped(reason)),
      end: (outcome) => this.end(execution, outcome),
    };
    this.running.set(runId, execution);
    this.onLoadChange(this.inFlight);
    return execution;
  }

  stopAll(reason: StopReason): void {
    for (const execution of [...this.running.values()]) execution.stop(reason);
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.add(resolve));
  }

  private end(execution: Execution, outcome: 'answered' | 'dropped'): void {
    if (outcome === 'answered') this.remember(execution);
    if (this.running.get(execution.runId) === execution) this.running.delete(execution.runId);
    this.onLoadChange(this.inFlight);
    if (this.running.size > 0) return;
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters.clear();
  }

  private remember({ runId, fence }: Execution): void {
    const answered = Math.max(fence, this.answered.get(runId) ?? 0);
    this.answered.delete(runId);
    this.answered.set(runId, answered);
    const [oldest] = this.answered.keys();
    if (this.answered.size > ANSWERED_COUNT && oldest !== undefined) this.answered.delete(oldest);
  }
}

/** Why an execution was stopped, or null when it was not. */
export function stopReason(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof ExecutionStopped ? signal.reason.reason : 'draining';
}
