import { type EventLogEntry, type GenerationId, isTerminalEntry, type TenantId } from '@atelier/contracts';
import { isGenerationTerminal } from '@atelier/domain';
import type { GenerationStore } from '@atelier/ports';
import { GenerationNotFoundError } from '../errors.js';

/** Entries read at once: bounds the memory of one reader, however long a log it catches up with. */
const PAGE = 200;

/**
 * Follows a generation's event log: entries after `afterSequence` in order, each once, until the terminal entry or until
 * `signal` aborts. Errors: `GenerationNotFoundError`, also for another tenant's generation.
 */
export class ReadEventLog {
  constructor(
    private readonly dependencies: { readonly store: Pick<GenerationStore, 'get' | 'readEvents' | 'watch'> },
  ) {}

  async *execute(query: {
    readonly tenantId: TenantId;
    readonly generationId: GenerationId;
    readonly afterSequence?: number;
    readonly signal?: AbortSignal;
  }): AsyncGenerator<EventLogEntry, void, undefined> {
    const { store } = this.dependencies;
    const changes = new ChangeSignal(query.signal);
    // Watching starts before the first read: a commit between read and watch would else be missed for ever.
    const unwatch = store.watch(query.generationId, () => changes.notify());
    try {
      const aggregate = await store.get(query.tenantId, query.generationId);
      if (!aggregate) throw new GenerationNotFoundError();
      const { generation, lastSequence } = aggregate;
      // A reader that claims to have seen more than there is would else wait for numbers that were given out already.
      let after = Math.min(query.afterSequence ?? 0, lastSequence);
      if (after === lastSequence && isGenerationTerminal(generation.state)) return;
      while (!query.signal?.aborted) {
        changes.reset();
        const page = await store.readEvents(query.generationId, after, PAGE);
        for (const entry of page) {
          if (query.signal?.aborted) return;
          yield entry;
          if (isTerminalEntry(entry.type)) return;
          after = entry.sequence;
        }
        if (page.length === 0) await changes.next();
      }
    } finally {
      unwatch();
      changes.close();
    }
  }
}

/** Remembers that something changed since `reset`, so that a change during a read is not lost. */
class ChangeSignal {
  private changed = false;
  private wake: (() => void) | null = null;
  private readonly onAbort = (): void => this.notify();

  constructor(private readonly signal: AbortSignal | undefined) {
    signal?.addEventListener('abort', this.onAbort);
  }

  notify(): void {
    this.changed = true;
    this.wake?.();
  }

  reset(): void {
    this.changed = false;
  }

  next(): Promise<void> {
    if (this.changed || this.signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}
