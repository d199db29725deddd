/**
 * Mulberry32 (T. Ettinger): integer arithmetic modulo 2^32 only, so a stream is equal on every machine.
 * The same generator draws the training scenes (`atelier_runtime.world.rng`).
 */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  nextUint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1) >>> 0;
    t = (t ^ (t + Math.imul(t ^ (t >>> 7), t | 61))) >>> 0;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Integer in [0, n). */
  below(n: number): number {
    return Math.floor((this.nextUint32() * n) / 2 ** 32);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** One of the items, each with an integer weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let at = this.below(items.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [item, weight] of items) {
      at -= weight;
      if (at < 0) return item;
    }
    return items[0]![0];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

/** One 32-bit seed from several integers: FNV-1a over their four bytes. */
export function mixSeeds(...values: number[]): number {
  let state = 0x811c9dc5;
  for (const value of values) {
    for (const shift of [0, 8, 16, 24]) state = Math.imul(state ^ ((value >>> shift) & 0xff), 0x01000193) >>> 0;
  }
  return state;
}
