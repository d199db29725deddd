import type { GenerationId } from '@atelier/contracts';
import type { Submission, Transition } from '@atelier/ports';

/** What a commit touched, as far as waiting readers care. */
export interface CommitHint {
  readonly generationId: GenerationId;
  /** An outbox row waits or a run may be ready. */
  readonly work: boolean;
  /** What was committed, where this process committed it. */
  readonly cause?: Submission | Transition;
}

export const mayBeWork = (transition: Transition): boolean =>
  (transition.outbox?.length ?? 0) > 0 ||
  (transition.insertRuns ?? []).some((run) => run.state === 'ready') ||
  (transition.updateRuns ?? []).some((run) => run.state === 'ready');

/**
 * Wakes those who wait for commits. Inside one process the store announces its own commits; with several processes
 * on one database, a listener on the database's notifications announces the others' commits here too.
 */
export class CommitHints {
  readonly #watchers = new Map<GenerationId, Set<() => void>>();
  readonly #workers = new Set<(cause?: Submission | Transition) => void>();

  announce(hint: CommitHint): void {
    for (const onChange of this.#watchers.get(hint.generationId) ?? []) callSafely(onChange);
    if (hint.work) for (const onWork of this.#workers) callSafely(() => onWork(hint.cause));
  }

  /** For when nobody knows what was committed, because the notifications were not heard for a while. */
  announceAll(): void {
    for (const watchers of this.#watchers.values()) for (const onChange of watchers) callSafely(onChange);
    for (const onWork of this.#workers) callSafely(() => onWork());
  }

  watch(id: GenerationId, onChange: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers);
    // A wrapper of its own: the same function may watch twice, and each gets its own end.
    const entry = (): void => onChange();
    watchers.add(entry);
    return () => {
      watchers.delete(entry);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  onWork(callback: (cause?: Submission | Transition) => void): () => void {
    const entry = (cause?: Submission | Transition): void => callback(cause);
    this.#workers.add(entry);
    return () => this.#workers.delete(entry);
  }
}

/** A hint comes after the commit: a listener that throws must not make the committed write look failed. */
const callSafely = (listener: () => void): void => {
  try {
    listener();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
};
