/** Time as a dependency: code that waits or stamps takes a clock, so tests own the time. */
export interface Clock {
  /** Epoch milliseconds, for stamps that people and other processes read. */
  now(): number;
  /** Milliseconds that never jump, for durations and leases inside one process. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
