import type { Clock } from '@atelier/ports';

/**
 * For how long a member may believe that its partitions are its own: one session from the moment at which the last
 * heartbeat that the broker answered was *sent*. A process that was stopped (SIGSTOP, a long pause of its machine)
 * finds its membership over before it starts on messages that somebody else has by now.
 */
export class Membership {
  private validUntilMs = Number.NEGATIVE_INFINITY;
  private lastSentMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly sessionMs: number,
  ) {}

  get isValid(): boolean {
    return this.clock.monotonicMs() < this.validUntilMs;
  }

  /** A request of the group protocol was sent at `sentAt` (epoch ms) and answered in some way. */
  noteRequest(sentAt: number): void {
    this.lastSentMs = this.clock.monotonicMs() - Math.max(0, this.clock.now() - sentAt);
  }

  /** The answer to the request noted last was: you are a member. Returns whether that was in doubt before. */
  renew(): boolean {
    const wasValid = this.isValid;
    this.validUntilMs = this.lastSentMs + this.sessionMs;
    return !wasValid && this.isValid;
  }

  end(): void {
    this.validUntilMs = Number.NEGATIVE_INFINITY;
  }
}
