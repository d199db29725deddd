import type { Clock } from '@atelier/ports';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that stands still until a test moves it. `now` and `monotonicMs` advance together unless `jump` is used. */
export class FakeClock implements Clock {
  private readonly sleepers = new Set<Sleeper>();
  private elapsedMs = 0;
  private epochMs: number;

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.epochMs = startAt;
  }

  now(): number {
    return this.epochMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.elapsedMs + ms,
        wake: () => {
          this.sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      this.sleepers.add(sleeper);
    });
  }

  /** How many callers sleep; wait for it before `advance` when the code under test falls asleep asynchronously. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  /** Wakes everybody due in the next `ms`, in the order of their times, and lets each go on before the next wakes. */
  async advance(ms: number): Promise<void> {
    const until = this.elapsedMs + ms;
    for (;;) {
      const next = [...this.sleepers].filter((sleeper) => sleeper.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.elapsedMs = Math.max(this.elapsedMs, next.at);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.elapsedMs = until;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves the wall clock alone, as an administrator or a time server does. */
  jump(ms: number): void {
    this.epochMs += ms;
  }
}
