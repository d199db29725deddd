import type { GenerationId } from '@atelier/contracts';
import { isGenerationTerminal } from '@atelier/domain';
import {
  applyTransition,
  type CrashPoint,
  type CrashPoints,
  type GenerationAggregate,
  type GenerationStore,
} from '@atelier/ports';
import type { Decision } from './decisions/decide-run.js';

/** Thrown when a generation moved on at every attempt to change it; the message is delivered again later. */
export class GenerationContendedError extends Error {
  override readonly name = 'GenerationContendedError';
  constructor(readonly generationId: GenerationId) {
    super(`generation ${generationId} changed under every attempt`);
  }
}

export type ChangeOutcome =
  | { readonly kind: 'applied'; readonly aggregate: GenerationAggregate }
  | { readonly kind: 'nothing' };

const MAX_ATTEMPTS = 20;

/**
 * Changes generations one decision at a time, with one commit each and, as a rule, without reading: a copy of every
 * generation in progress is kept, and it may be used although other processes change generations too, because a commit
 * that was decided on an older log is refused as stale. Then, and only then, the generation is read again.
 */
export class Aggregates {
  private readonly copies = new Map<GenerationId, GenerationAggregate>();
  private readonly queues = new Map<GenerationId, Promise<unknown>>();

  constructor(
    private readonly store: Pick<GenerationStore, 'load' | 'commit'>,
    private readonly crashPoints: CrashPoints,
    /** Copies kept; the one unused for longest is dropped first. */
    private readonly maxCopies = 256,
  ) {}

  /** Decisions on one generation queue up within this process, so that they do not make each other stale. */
  async change(
    id: GenerationId,
    decide: (aggregate: GenerationAggregate) => Decision,
    points?: { readonly before: CrashPoint; readonly after: CrashPoint },
  ): Promise<ChangeOutcome> {
    const before = this.queues.get(id);
    const mine = (before ?? Promise.resolve()).then(() => this.changeNow(id, decide, points));
    const settled = mine.catch(() => undefined);
    this.queues.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.queues.get(id) === settled) this.queues.delete(id);
    }
  }

  private async changeNow(
    id: GenerationId,
    decide: (aggregate: GenerationAggregate) => Decision,
    points?: { readonly before: CrashPoint; readonly after: CrashPoint },
  ): Promise<ChangeOutcome> {
    let copy = this.copies.get(id);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const isFresh = copy === undefined;
      const aggregate = copy ?? (await this.store.load(id));
      if (!aggregate) return { kind: 'nothing' };
      if (isFresh) this.keep(aggregate);
      const decision = decide(aggregate);
      if (decision === 'nothing' || (decision === 'reload' && isFresh)) return { kind: 'nothing' };
      if (decision !== 'reload') {
        if (points) this.crashPoints.reach(points.before);
        // Until the outcome is known the copy is in doubt: a commit that throws may have been applied.
        this.copies.delete(id);
        const outcome = await this.store.commit(decision);
        if (points) this.crashPoints.reach(points.after);
        if (outcome === 'applied') {
          const after = applyTransition(aggregate, decision);
          this.keep(after);
          return { kind: 'applied', aggregate: after };
        }
      }
      copy = undefined;
    }
    throw new GenerationContendedError(id);
  }

  private keep(aggregate: GenerationAggregate): void {
    const { id, state } = aggregate.generation;
    this.copies.delete(id);
    if (isGenerationTerminal(state)) return;
    this.copies.set(id, aggregate);
    const [oldest] = this.copies.keys();
    if (this.copies.size > this.maxCopies && oldest !== undefined) this.copies.delete(oldest);
  }
}
