import type { Clock } from '@atelier/ports';

/**
 * Wall time that no jump of this process's clock moves: the epoch read once, carried on by the monotonic clock. For
 * decisions that end something (deadlines, leadership); stamps that people read come from the clock itself.
 */
export class SteadyTime {
  private epochMs: number;
  private startedAtMs: number;

  constructor(private readonly clock: Clock) {
    this.epochMs = clock.now();
    this.startedAtMs = clock.monotonicMs();
  }

  /**
   * Takes over the time of a server that other processes follow too: an hour that this machine's clock is off by must
   * neither steal a lease nor keep everybody else from it.
   */
  async follow(serverTime: () => Promise<number>): Promise<void> {
    const askedAtMs = this.clock.monotonicMs();
    const told = await serverTime();
    const answeredAtMs = this.clock.monotonicMs();
    this.epochMs = told;
    // Half of the way there and back, as near as one question can tell.
    this.startedAtMs = (askedAtMs + answeredAtMs) / 2;
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
