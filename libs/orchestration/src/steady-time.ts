import type { Clock } from '@atelier/ports';

/**
 * Wall time that no jump of this process's clock moves: the epoch read once, carried on by the monotonic clock. For
 * decisions that end something (deadlines, leadership); stamps that people read come from the clock itself.
 */
export class SteadyTime {
  private readonly epochMs: number;
  private readonly startedAtMs: number;

  constructor(private readonly clock: Clock) {
    this.epochMs = clock.now();
    this.startedAtMs = clock.monotonicMs();
  }

  now(): number {
    return this.epochMs + Math.floor(this.clock.monotonicMs() - this.startedAtMs);
  }

  /**
   * Time for "is it due yet?" of work that was put off: the later of both clocks, since too early only costs an attempt
   * while too late, after a suspended machine or a clock set back, would leave work lying.
   */
  due(): number {
    return Math.max(this.now(), this.clock.now());
  }
}
