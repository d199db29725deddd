import type { Clock } from '@atelier/ports';

export interface CircuitBreakerOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Failures in a row after which nothing is tried for a while. @default 3 */
  readonly failuresToOpen?: number;
  /** First pause; each failed probe doubles it. @default 500 */
  readonly firstPauseMs?: number;
  /** @default 30,000 */
  readonly longestPauseMs?: number;
}

/**
 * Circuit breaker (Nygard, Release It!): closed, calls go through; open, they are refused at once; when the pause is
 * over one call goes through as a probe, and its outcome closes or opens the circuit again.
 */
export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>;
  #failures = 0;
  #pauseMs: number;
  #openUntilMs: number | null = null;
  #isProbing = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = { failuresToOpen: 3, firstPauseMs: 500, longestPauseMs: 30_000, ...options };
    this.#pauseMs = this.#options.firstPauseMs;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openUntilMs === null) return 'closed';
    return this.#options.clock.monotonicMs() < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** Whether a call may go through now. Whoever gets true must report `succeeded` or `failed`. */
  tryEnter(): boolean {
    const { state } = this;
    if (state === 'closed') return true;
    if (state === 'open' || this.#isProbing) return false;
    this.#isProbing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
    this.#openUntilMs = null;
    this.#pauseMs = this.#options.firstPauseMs;
  }

  failed(): void {
    this.#failures += 1;
    const probeFailed = this.#isProbing;
    this.#isProbing = false;
    if (probeFailed) this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.longestPauseMs);
    else if (this.#openUntilMs !== null || this.#failures < this.#options.failuresToOpen) return;
    this.#openUntilMs = this.#options.clock.monotonicMs() + this.#pauseMs;
  }
}
