import type { Clock } from '@atelier/ports';
import type { Kafka, PartitionAssigner } from 'kafkajs';
import type { Claims } from './assignment-claims.js';
import type { BusLog } from './bus-log.js';
import type { TopicOffsets } from './topic-offsets.js';

/** Times of the group protocol. */
export interface GroupTimes {
  /** Silence after which the broker gives a member's partitions to others. @default 10,000 */
  readonly sessionMs: number;
  /** @default 1,000 */
  readonly heartbeatMs: number;
  /**
   * Longest wait of a fetch that finds nothing. It delays no message; it sets what an idle consumer costs, how soon a
   * member sees that its group rebalances, and how long leaving takes. @default 500
   */
  readonly fetchWaitMs: number;
}

export interface GroupContext {
  readonly client: Kafka;
  readonly clock: Clock;
  readonly log: BusLog;
  readonly times: GroupTimes;
  readonly offsets: TopicOffsets;
  /** The consumer is dead and will not come back by itself. */
  readonly onFatal: (error: Error) => void;
}

export interface GroupOptions {
  readonly groupId: string;
  /** Reads from the end, alone in its group, and remembers its position itself. */
  readonly isBroadcast: boolean;
  readonly assigner: (claims: () => Claims) => PartitionAssigner;
  /** Rank of the claim to a slot. */
  readonly rank: number;
}

/** Thrown into handlers whose message was given to another process while this one was no member of the group. */
export class MembershipLostError extends Error {
  override readonly name = 'MembershipLostError';
  constructor(groupId: string) {
    super(`this process was no member of the group ${groupId} for a while; another one has the partition`);
  }
}
