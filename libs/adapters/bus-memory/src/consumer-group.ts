import type { Clock, OutgoingMessage } from '@atelier/ports';
import type { Delivery, GroupMember } from './group-member.js';
import type { PartitionLog } from './partition-log.js';

/** Delay before the n-th repetition: `initialMs` doubled each time, at most `maxMs`. */
export interface RedeliveryBackoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Where a group stands in one partition. At most one delivery is in flight, which is what keeps the order. */
export interface Cursor {
  readonly partition: number;
  next: number;
  /** Failed deliveries of the message at `next`. */
  failures: number;
  backingOff: boolean;
  owner: GroupMember | null;
  inFlight: Delivery | null;
}

/** The members that share a topic, and how far each partition has been acknowledged. */
export class ConsumerGroup {
  readonly cursors: readonly Cursor[];
  private readonly members: GroupMember[] = [];

  constructor(
    private readonly logs: readonly PartitionLog[],
    start: 'oldest' | 'end',
    private readonly clock: Clock,
    private readonly backoff: RedeliveryBackoff,
    private readonly onAcknowledged: (partition: number) => void,
    private readonly closing: AbortSignal,
  ) {
    this.cursors = logs.map((log, partition) => ({
      partition,
      next: start === 'oldest' ? log.start : log.end,
      failures: 0,
      backingOff: false,
      owner: null,
      inFlight: null,
    }));
  }

  join(member: GroupMember): void {
    this.members.push(member);
    this.assign();
  }

  leave(member: GroupMember): void {
    const index = this.members.indexOf(member);
    if (index >= 0) this.members.splice(index, 1);
    this.assign();
  }

  /** A named slot goes to the member that names it with the highest claim; the other partitions go round robin over the unnamed members. */
  private assign(): void {
    const sharing = this.members.filter(({ partitions }) => partitions === null);
    for (const cursor of this.cursors) {
      const claiming = this.members.filter(({ partitions }) => partitions?.has(cursor.partition));
      const named = claiming.reduce<GroupMember | null>(
        (best, member) => (best && best.claim >= member.claim ? best : member),
        null,
      );
      cursor.owner = named ?? sharing[cursor.partition % Math.max(1, sharing.length)] ?? null;
      this.offer(cursor);
    }
  }

  /** Tells the owner of a partition that a message may be waiting there. */
  wake(partition: number): void {
    const cursor = this.cursors[partition];
    if (cursor) this.offer(cursor);
  }

  private offer(cursor: Cursor): void {
    if (cursor.owner && this.waiting(cursor)) cursor.owner.offer(cursor);
  }

  /** The message to deliver next, if the partition may deliver one now. */
  waiting(cursor: Cursor): OutgoingMessage | undefined {
    if (cursor.inFlight || cursor.backingOff) return undefined;
    return this.logs[cursor.partition]?.read(cursor.next);
  }

  acknowledge(cursor: Cursor): void {
    cursor.inFlight = null;
    cursor.next += 1;
    cursor.failures = 0;
    this.onAcknowledged(cursor.partition);
    this.offer(cursor);
  }

  /** The handler threw: the partition waits, then delivers the same message again. */
  retryLater(cursor: Cursor): void {
    cursor.inFlight = null;
    cursor.failures += 1;
    cursor.backingOff = true;
    const delayMs = Math.min(this.backoff.maxMs, this.backoff.initialMs * 2 ** (cursor.failures - 1));
    void this.clock.sleep(delayMs, this.closing).then(() => {
      cursor.backingOff = false;
      this.offer(cursor);
    });
  }

  /** The member left before its handler returned: the message is another member's at once. */
  handOver(cursor: Cursor): void {
    cursor.inFlight = null;
    cursor.failures += 1;
    this.offer(cursor);
  }
}
