import type { GenerationId } from '@atelier/contracts';
import type { Clock, TopicHandler } from '@atelier/ports';

/** How long a cancellation is remembered for orders that were already on their way. */
const REMEMBER_MS = 3_600_000;
const REMEMBER_COUNT = 10_000;

/**
 * Generations that were canceled, as far as this process has heard. One object per process, shared by all of its
 * stage handlers; only a fence makes a cancel final, this makes it fast.
 */
export class Cancellations {
  private readonly canceledAt = new Map<GenerationId, number>();
  private readonly listeners = new Map<GenerationId, Set<() => void>>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** Reads the broadcast; `processId` gives the subscription a group of its own. */
  handler(processId: string): TopicHandler<'generation.canceled.v1'> {
    return {
      topic: 'generation.canceled.v1',
      group: `cancellations-${processId}`,
      handle: async (event) => this.cancel(event.generationId),
    };
  }

  cancel(id: GenerationId): void {
    this.canceledAt.delete(id);
    this.canceledAt.set(id, this.clock.monotonicMs());
    this.forget();
    for (const listener of [...(this.listeners.get(id) ?? [])]) listener();
  }

  isCanceled(id: GenerationId): boolean {
    const at = this.canceledAt.get(id);
    return at !== undefined && this.clock.monotonicMs() - at < REMEMBER_MS;
  }

  /** Calls back at most once per cancel of the generation; returns the function that stops listening. */
  onCancel(id: GenerationId, listener: () => void): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  private forget(): void {
    for (const id of this.canceledAt.keys()) {
      if (this.canceledAt.size <= REMEMBER_COUNT && this.isCanceled(id)) return;
      this.canceledAt.delete(id);
    }
  }
}
