/** What the replacement order needs to know of an entry. */
export interface Valued {
  readonly bytes: number;
  /** What a miss would cost. */
  readonly recomputeMs: number;
  /** Order of eviction: the lowest goes first. Set by `GreedyDual`. */
  priority: number;
}

/**
 * GreedyDual-Size replacement (Cao and Irani, USENIX Symposium on Internet Technologies and Systems 1997): an entry's
 * priority is the cost of a miss per byte on top of an age that rises with every eviction. Among entries of equal cost
 * and size it is least-recently-used; a dear small entry outlives cheap large ones, but not for ever.
 */
export class GreedyDual {
  private age = 0;

  /** To be called when an entry enters and whenever it is used. */
  touch(entry: Valued): void {
    entry.priority = this.priorityOf(entry);
  }

  priorityOf({ bytes, recomputeMs }: Pick<Valued, 'bytes' | 'recomputeMs'>): number {
    return this.age + recomputeMs / Math.max(1, bytes);
  }

  evicted(entry: Valued): void {
    this.age = Math.max(this.age, entry.priority);
  }

  /**
   * The entries to give up for `neededBytes`, lowest priority first, ties in the order given (oldest first); null if
   * one of them is worth more than the newcomer.
   */
  victims<E extends Valued>(entries: Iterable<E>, neededBytes: number, newcomerPriority: number): E[] | null {
    const victims: E[] = [];
    let freed = 0;
    // A sort per eviction: reference K/V are megabytes, so a cache holds hundreds of them, not millions.
    for (const entry of [...entries].sort((a, b) => a.priority - b.priority)) {
      if (freed >= neededBytes) break;
      if (entry.priority > newcomerPriority) return null;
      victims.push(entry);
      freed += entry.bytes;
    }
    return victims;
  }
}
