import type { Clock } from '@atelier/ports';

/** How much two clocks part at most, as a share of the time that passes; ten times what quartz does. */
const MAX_DRIFT = 1e-3;

/**
 * Wall time that no jump of this process's clock moves: the epoch read once, carried on by the monotonic clock. For
 * decisions that end something (deadlines, leadership); stamps that people read come from the clock itself.
 */
export class SteadyTime {
  private epochMs: number;
  private startedAtMs: number;
  /** How far off what a server told may be; without bound before one was asked. */
  private uncertaintyMs = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Clock) {
    this.epochMs = clock.now();
    this.startedAtMs = clock.monotonicMs();
  }

  /**
   * Takes over the time of a server that other processes follow too: an hour that this machine's clock is off by must
   * neither steal a lease nor keep everybody else from it. An answer that took longer than what is known is unsure (the
   * server stood still, the machine is busy) changes nothing.
   */
  async follow(serverTime: () => Promise<number>): Promise<void> {
    const askedAtMs = this.clock.monotonicMs();
    const told = await serverTime();
    const answeredAtMs = this.clock.monotonicMs();
    const uncertaintyMs = (answeredAtMs - askedAtMs) / 2;
    const knownWithinMs = this.uncertaintyMs + (answeredAtMs - this.startedAtMs) * MAX_DRIFT;
    if (uncertaintyMs > knownWithinMs) return;
    this.uncertaintyMs = uncertaintyMs;
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
