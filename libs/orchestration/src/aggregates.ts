import type { GenerationId } from '@atelier/contracts';
import { isGenerationTerminal } from '@atelier/domain';
import {
  applyTransition,
  type CrashPoint,
  type CrashPoints,
  type GenerationAggregate,
  type GenerationStore,
  type Transition,
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
  | { readonly kind: 'applied'; readonly aggregate: GenerationAggregate; readonly transition: Transition }
  | { readonly kind: 'nothing' };

/** Places around a commit where a fault suite may end the process. */
export type Points = readonly { readonly before: CrashPoint; readonly after: CrashPoint }[];

const MAX_ATTEMPTS = 20;
const MAX_ENDED = 5_000;

/**
 * Changes generations one decision at a time, with one commit each and, as a rule, without reading: a copy of every
 * generation in progress is kept, and it may be used although other processes change generations too, because a commit
 * that was decided on an older log is refused as stale. Then, and only then, the generation is read again.
 */
export class Aggregates {
  private readonly copies = new Map<GenerationId, GenerationAggregate>();
  /** Generations that are known to have ended: whatever still comes about them is late. */
  private readonly ended = new Set<GenerationId>();
  private readonly queues = new Map<GenerationId, Promise<unknown>>();

  constructor(
    private readonly store: Pick<GenerationStore, 'load' | 'commit'>,
    private readonly crashPoints: CrashPoints,
    /** Copies kept; the one unused for longest is dropped first. */
    private readonly maxCopies = 1_000,
  ) {}

  /** Decisions on one generation queue up within this process, so that they do not make each other stale. */
  async change(
    id: GenerationId,
    decide: (aggregate: GenerationAggregate) => Decision,
    pointsOf: (transition: Transition) => Points = () => [],
  ): Promise<ChangeOutcome> {
    const before = this.queues.get(id);
    const mine = (before ?? Promise.resolve()).then(() => this.changeNow(id, decide, pointsOf));
    const settled = mine.catch(() => undefined);
    this.queues.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.queues.get(id) === settled) this.queues.delete(id);
    }
  }

  /** Keeps a copy that was not read here, so that the first change of a generation need not read it either. */
  remember(aggregate: GenerationAggregate): void {
    if (!this.copies.has(aggregate.generation.id)) this.keep(aggregate);
  }

  private async changeNow(
    id: GenerationId,
    decide: (aggregate: GenerationAggregate) => Decision,
    pointsOf: (transition: Transition) => Points = () => [],
  ): Promise<ChangeOutcome> {
    if (this.ended.has(id)) return { kind: 'nothing' };
    let copy = this.copies.get(id);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const isFresh = copy === undefined;
      const aggregate = copy ?? (await this.store.load(id));
      if (!aggregate) return { kind: 'nothing' };
      if (isFresh) this.keep(aggregate);
      const decision = decide(aggregate);
      if (decision === 'nothing' || (decision === 'reload' && isFresh)) return { kind: 'nothing' };
      if (decision !== 'reload') {
        const points = pointsOf(decision);
        for (const { before } of points) this.crashPoints.reach(before);
        // Until the outcome is known the copy is in doubt: a commit that throws may have been applied.
        this.copies.delete(id);
        const outcome = await this.store.commit(decision);
        for (const { after } of points) this.crashPoints.reach(after);
        if (outcome === 'applied') {
          const after = applyTransition(aggregate, decision);
          this.keep(after);
          return { kind: 'applied', aggregate: after, transition: decision };
        }
      }
      copy = undefined;
    }
    throw new GenerationContendedError(id);
  }

  private keep(aggregate: GenerationAggregate): void {
    const { id, state } = aggregate.generation;
    this.copies.delete(id);
    if (isGenerationTerminal(state)) {
      this.ended.add(id);
      if (this.ended.size > MAX_ENDED) deleteOldest(this.ended);
      return;
    }
    this.copies.set(id, aggregate);
    if (this.copies.size > this.maxCopies) deleteOldest(this.copies);
  }
}

function deleteOldest(entries: Map<GenerationId, unknown> | Set<GenerationId>): void {
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
