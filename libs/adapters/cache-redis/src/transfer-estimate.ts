/** Share of a new sample in a running mean. */
const NEWEST_SHARE = 0.2;
/** Below this a transfer tells the round trip, above it the rate. */
const SMALLEST_RATE_SAMPLE_BYTES = 65_536;

export interface BreakEven {
  /** Running mean of a round trip without content. */
  readonly latencyMs: number;
  /** Running mean of the rate at which content comes. */
  readonly bytesPerMs: number;
}

/** What a fetch would take, from what fetches took: `latencyMs + bytes / bytesPerMs`. */
export class TransferEstimate {
  #latencyMs: number;
  #bytesPerMs: number;

  constructor(initial: BreakEven) {
    this.#latencyMs = initial.latencyMs;
    this.#bytesPerMs = initial.bytesPerMs;
  }

  get breakEven(): BreakEven {
    return { latencyMs: this.#latencyMs, bytesPerMs: this.#bytesPerMs };
  }

  /** An entry that is recomputed sooner than this is not worth its transfer. */
  fetchMs(bytes: number): number {
    return this.#latencyMs + bytes / this.#bytesPerMs;
  }

  sawRoundTrip(ms: number): void {
    this.#latencyMs += (ms - this.#latencyMs) * NEWEST_SHARE;
  }

  sawTransfer(bytes: number, ms: number): void {
    if (bytes < SMALLEST_RATE_SAMPLE_BYTES) return;
    const rate = bytes / Math.max(ms, 0.01);
    this.#bytesPerMs += (rate - this.#bytesPerMs) * NEWEST_SHARE;
  }
}
