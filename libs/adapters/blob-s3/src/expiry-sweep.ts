import type { Clock } from '@atelier/ports';
import { isExpired, type StoredObject } from './stored-object.js';

export interface ExpirySweepOptions {
  readonly listKeys: () => AsyncIterable<string>;
  readonly head: (key: string) => Promise<StoredObject | null>;
  /** False: something else has taken the key, or nothing is there. */
  readonly remove: (object: StoredObject) => Promise<boolean>;
  readonly clock: Pick<Clock, 'now'>;
}

const HEADS_AT_ONCE = 8;
/** Keys whose expiry is remembered, so that a sweep asks for each object once and not once a sweep: some 30 MB. */
const MOST_REMEMBERED = 200_000;

/**
 * Walks through all keys, a thousand per request, and asks each object once when it expires. An index of expiries would
 * spare that, but would cost every write a second request.
 */
export class ExpirySweep {
  /** Expiry by key, as it was when the key was first seen. */
  readonly #remembered = new Map<string, number | null>();

  constructor(private readonly options: ExpirySweepOptions) {}

  async run(): Promise<number> {
    const unseen = new Set(this.#remembered.keys());
    let removed = 0;
    let batch: string[] = [];
    const flush = async (): Promise<void> => {
      const outcomes = await Promise.all(batch.map((key) => this.#removeExpired(key)));
      removed += outcomes.filter(Boolean).length;
      batch = [];
    };
    for await (const key of this.options.listKeys()) {
      unseen.delete(key);
      if (!this.#mayBeExpired(key)) continue;
      batch.push(key);
      if (batch.length === HEADS_AT_ONCE) await flush();
    }
    await flush();
    for (const key of unseen) this.#remembered.delete(key);
    return removed;
  }

  /** A key that was freed and taken again is remembered with its old expiry: then it is asked once more, in vain. */
  #mayBeExpired(key: string): boolean {
    const expiresAt = this.#remembered.get(key);
    return expiresAt === undefined || (expiresAt !== null && expiresAt <= this.options.clock.now());
  }

  async #removeExpired(key: string): Promise<boolean> {
    const object = await this.options.head(key);
    if (object === null) return false;
    if (isExpired(object, this.options.clock.now())) {
      this.#remembered.delete(key);
      return this.options.remove(object);
    }
    if (this.#remembered.size < MOST_REMEMBERED) this.#remembered.set(key, object.expiresAt);
    return false;
  }
}
