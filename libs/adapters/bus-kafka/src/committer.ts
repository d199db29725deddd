import type { Clock } from '@atelier/ports';
import type { TopicPartitionOffset } from 'kafkajs';
import type { BusLog } from './bus-log.js';
import type { Lane } from './lane.js';

const RETRY_MS = 500;
/** Shortest time between two commits: what is handled within it and not committed comes once more after a crash. */
const PAUSE_MS = 100;

/**
 * Tells the broker what is handled. One request is under way at a time and the next carries all that was handled
 * meanwhile: at a low rate every message is committed at once, at a high one a commit is shared by all of the last 100 ms.
 */
export class Committer {
  private readonly stopping = new AbortController();
  private isWanted = false;
  private sentAtMs = Number.NEGATIVE_INFINITY;
  private pausing: AbortController | null = null;
  private flushing = 0;
  private running: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly log: BusLog,
    private readonly uncommitted: () => readonly Lane[],
    private readonly send: (offsets: readonly TopicPartitionOffset[]) => Promise<void>,
  ) {}

  schedule(): void {
    this.isWanted = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  }

  /** Resolves once everything handled so far is committed, or is not ours to commit. */
  async flush(): Promise<void> {
    this.flushing += 1;
    try {
      this.schedule();
      this.pausing?.abort();
      await this.running;
    } finally {
      this.flushing -= 1;
    }
  }

  stop(): void {
    this.stopping.abort();
    this.pausing?.abort();
  }

  private async run(): Promise<void> {
    while (this.isWanted && !this.stopping.signal.aborted) {
      await this.pause();
      if (this.stopping.signal.aborted) return;
      this.isWanted = false;
      const offsets = this.uncommitted().map((lane) => ({ lane, offset: lane.handled ?? 0n }));
      if (offsets.length === 0) return;
      this.sentAtMs = this.clock.monotonicMs();
      try {
        await this.send(
          offsets.map(({ lane: { topic, partition }, offset }) => ({ topic, partition, offset: String(offset) })),
        );
        for (const { lane, offset } of offsets) lane.committed = offset;
      } catch (error) {
        // The group rebalances, or we are no member of it any more: joining anew settles what is still ours.
        this.log.debug({ err: error }, 'a commit was refused and will be repeated');
        await this.clock.sleep(RETRY_MS, this.stopping.signal);
        this.isWanted = true;
      }
    }
  }

  private async pause(): Promise<void> {
    const leftMs = this.sentAtMs + PAUSE_MS - this.clock.monotonicMs();
    if (leftMs <= 0 || this.flushing > 0) return;
    this.pausing = new AbortController();
    await this.clock.sleep(leftMs, this.pausing.signal);
    this.pausing = null;
  }
}
