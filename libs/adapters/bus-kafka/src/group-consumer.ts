import { BusClosedError } from '@atelier/ports';
import type { Consumer, EachBatchPayload, TopicPartitionOffset } from 'kafkajs';
import type { Claims } from './assignment-claims.js';
import { Committer } from './committer.js';
import { type GroupContext, type GroupOptions, MembershipLostError } from './group-context.js';
import { RETRY } from './kafka-client.js';
import type { KafkaSubscription } from './kafka-subscription.js';
import { Lane } from './lane.js';
import { Membership } from './membership.js';
import { keyOf } from './topic-offsets.js';

/** Longest time for the last commit and for leaving: a broker that is away must not keep the process from ending. */
const GOODBYE_MS = 2_000;
const FETCH_AHEAD = { pauseAt: 256, resumeAt: 64 };

/** One membership in one consumer group, for one or several topics. */
export class GroupConsumer {
  private readonly lanes = new Map<string, Lane>();
  /** Kept over a time in which others may have had them; nothing starts there until that is known. */
  private readonly doubtful = new Map<Lane, number>();
  private doubts = 0;
  private readonly membership: Membership;
  private readonly committer: Committer;
  private readonly joined = Promise.withResolvers<void>();
  private readonly byTopic: ReadonlyMap<string, KafkaSubscription>;
  private consumer: Consumer | null = null;
  private isOpen = false;
  private isClosed = false;
  private memberId: string | null = null;
  private joinAttempts = 0;
  private starts = new Map<string, bigint>();
  /** Pending while it is found out whether others read our partitions when we were away. */
  private reconciled: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: GroupContext,
    private readonly options: GroupOptions,
    subscriptions: readonly KafkaSubscription[],
  ) {
    this.byTopic = new Map(subscriptions.map((subscription) => [subscription.options.topic, subscription]));
    // Whoever opens it hears of a failure; a close before that is nobody's.
    this.joined.promise.catch(() => undefined);
    this.membership = new Membership(context.clock, context.times.sessionMs);
    this.committer = new Committer(
      context.clock,
      context.log,
      () => (options.isBroadcast ? [] : this.uncommitted()),
      (offsets) => this.commit(offsets),
    );
  }

  get subscriptions(): KafkaSubscription[] {
    return [...this.byTopic.values()];
  }

  get isMember(): boolean {
    return this.membership.isValid;
  }

  get groupId(): string {
    return this.options.groupId;
  }

  lanesOf(topic: string): Lane[] {
    const ofTopic = [...this.lanes.values()].filter((lane) => lane.topic === topic);
    return ofTopic.sort((a, b) => a.partition - b.partition);
  }

  /** Resolves once the group has given out its partitions; rejects if it is closed before. Waits for a broker. */
  async open(): Promise<void> {
    this.join().catch((error: Error) => this.joined.reject(error));
    await this.joined.promise;
  }

  private async join(): Promise<void> {
    const { client, times, offsets } = this.context;
    const { groupId, isBroadcast, assigner } = this.options;
    const topics = [...this.byTopic.keys()];
    // Before joining: what is published from here on must arrive.
    if (isBroadcast) this.starts = await offsets.ends(topics);
    if (this.isClosed) return;
    const consumer = client.consumer({
      groupId,
      partitionAssigners: [assigner(() => this.claims())],
      sessionTimeout: times.sessionMs,
      heartbeatInterval: times.heartbeatMs,
      rebalanceTimeout: Math.max(times.sessionMs, 4 * times.fetchWaitMs),
      maxWaitTimeInMs: times.fetchWaitMs,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    this.consumer = consumer;
    this.listen(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: !isBroadcast });
    if (!this.isClosed) await consumer.run({ autoCommit: false, eachBatch: (payload) => this.take(payload) });
  }

  /** Commits what was handled and leaves the group. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.joined.reject(new BusClosedError());
    await this.withinGoodbye(this.committer.flush());
    this.committer.stop();
    for (const lane of this.lanes.values()) lane.subscription.revoke(lane, null);
    this.lanes.clear();
    const consumer = this.consumer;
    this.consumer = null;
    if (consumer) await this.withinGoodbye(consumer.disconnect());
  }

  private async withinGoodbye(work: Promise<unknown>): Promise<void> {
    const timer = new AbortController();
    const logged = work.catch((error: Error) => this.context.log.warn({ err: error }, 'leaving a group failed'));
    await Promise.race([logged, this.context.clock.sleep(GOODBYE_MS, timer.signal)]);
    timer.abort();
  }

  private claims(): Claims {
    this.joinAttempts += 1;
    const held: Record<string, number[]> = {};
    for (const lane of [...this.lanes.values()].sort((a, b) => Number(b.isBusy) - Number(a.isBusy))) {
      held[lane.topic] ??= [];
      held[lane.topic]?.push(lane.partition);
    }
    return { held, rank: this.options.rank };
  }

  private listen(consumer: Consumer): void {
    const { events } = consumer;
    consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat' || payload.apiName === 'SyncGroup') {
        this.membership.noteRequest(payload.sentAt);
      }
    });
    consumer.on(events.HEARTBEAT, () => this.renewMembership());
    consumer.on(events.GROUP_JOIN, ({ payload }) => this.onJoined(payload.memberId, payload.memberAssignment));
    consumer.on(events.CRASH, ({ payload }) => this.onCrash(payload.error, payload.restart));
  }

  private renewMembership(): void {
    if (!this.membership.renew()) return;
    this.committer.schedule();
    for (const subscription of this.byTopic.values()) subscription.wake();
  }

  private onCrash(error: Error, restarts: boolean): void {
    const fields = { err: error, group: this.groupId };
    if (restarts) {
      this.context.log.info(fields, 'a consumer failed and starts again');
      return;
    }
    this.membership.end();
    this.context.log.error(fields, 'a consumer failed for good');
    if (!this.isOpen) this.joined.reject(error);
    else if (!this.isClosed) this.context.onFatal(error);
  }

  /** Keeps the lanes of partitions that stayed, with all that waits there; opens and revokes the others. */
  private onJoined(memberId: string, assigned: Record<string, readonly number[]>): void {
    // Only a member that took part in every generation knows that nobody else had its partitions meanwhile.
    const isContinuous = this.options.isBroadcast || (memberId === this.memberId && this.joinAttempts === 1);
    this.memberId = memberId;
    this.joinAttempts = 0;
    const keys = new Set(
      Object.entries(assigned).flatMap(([topic, partitions]) => partitions.map((id) => keyOf(topic, id))),
    );
    const interruption = isContinuous ? null : new MembershipLostError(this.groupId);
    for (const [key, lane] of this.lanes) if (!keys.has(key)) this.revoke(lane, interruption);
    const kept = [...this.lanes.values()];
    for (const [topic, partitions] of Object.entries(assigned)) {
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        if (!this.lanes.has(key)) this.openLane(topic, partition, this.starts.get(key) ?? null);
      }
    }
    for (const lane of kept) this.seek(lane);
    this.reconciled = isContinuous ? Promise.resolve() : this.reconcile(kept);
    this.membership.renew();
    this.committer.schedule();
    void this.reconciled.then(() => {
      for (const subscription of this.byTopic.values()) subscription.wake();
    });
    this.isOpen = true;
    this.joined.resolve();
  }

  private openLane(topic: string, partition: number, start: bigint | null): void {
    const subscription = this.byTopic.get(topic);
    if (!subscription) return;
    const { isBroadcast } = this.options;
    const lane: Lane = new Lane(
      topic,
      partition,
      subscription,
      () => isBroadcast || (this.membership.isValid && !this.doubtful.has(lane)),
      (handled) => this.onHandled(handled),
      start,
    );
    this.lanes.set(keyOf(topic, partition), lane);
    subscription.addLane(lane);
    this.seek(lane);
  }

  private revoke(lane: Lane, reason: Error | null): void {
    this.lanes.delete(keyOf(lane.topic, lane.partition));
    lane.subscription.revoke(lane, reason);
  }

  /**
   * We were away and have these partitions again. Where the broker's offset is not ahead of ours, nobody else handled
   * anything and the work in hand goes on; elsewhere it is another member's and starts over from the broker's offset.
   */
  private async reconcile(kept: readonly Lane[]): Promise<void> {
    if (kept.length === 0) return;
    this.doubts += 1;
    const doubt = this.doubts;
    for (const lane of kept) this.doubtful.set(lane, doubt);
    const committed = await this.committedOffsets([...new Set(kept.map(({ topic }) => topic))]);
    for (const lane of kept) {
      // Away once more meanwhile: a later answer decides.
      if (this.doubtful.get(lane) !== doubt) continue;
      this.doubtful.delete(lane);
      if (lane.revoked) continue;
      const offset = committed.get(keyOf(lane.topic, lane.partition)) ?? null;
      lane.committed = offset;
      if (offset === null || lane.position === null || offset <= lane.position) continue;
      this.revoke(lane, new MembershipLostError(this.groupId));
      this.openLane(lane.topic, lane.partition, offset);
    }
    this.committer.schedule();
  }

  /** Asks until there is an answer: without one, nothing of what was kept may start. */
  private async committedOffsets(topics: readonly string[]): Promise<Map<string, bigint>> {
    while (!this.isClosed) {
      try {
        return await this.context.offsets.committed(this.groupId, topics);
      } catch (error) {
        this.context.log.warn({ err: error, group: this.groupId }, 'the offsets of a group could not be read');
        await this.context.clock.sleep(1_000);
      }
    }
    return new Map();
  }

  /** Fetching goes on behind what waits here already. */
  private seek(lane: Lane): void {
    if (lane.next === null) return;
    this.consumer?.seek({ topic: lane.topic, partition: lane.partition, offset: String(lane.next) });
    this.steerFetching(lane);
  }

  private async take({ batch, isStale }: EachBatchPayload): Promise<void> {
    await this.reconciled;
    if (isStale()) return;
    const lane = this.lanes.get(keyOf(batch.topic, batch.partition));
    if (!lane) return;
    lane.accept(batch.messages);
    lane.highWatermark = BigInt(batch.highWatermark);
    this.steerFetching(lane);
    lane.subscription.offer(lane);
  }

  private onHandled(lane: Lane): void {
    this.steerFetching(lane);
    if (!this.options.isBroadcast) this.committer.schedule();
  }

  /** Stops fetching for a lane that is far behind, and goes on before it runs dry. */
  private steerFetching(lane: Lane): void {
    const partitions = [{ topic: lane.topic, partitions: [lane.partition] }];
    if (!lane.fetchPaused && lane.buffered >= FETCH_AHEAD.pauseAt) {
      lane.fetchPaused = true;
      this.consumer?.pause(partitions);
    } else if (lane.fetchPaused && lane.buffered <= FETCH_AHEAD.resumeAt) {
      lane.fetchPaused = false;
      this.consumer?.resume(partitions);
    }
  }

  private uncommitted(): Lane[] {
    return [...this.lanes.values()].filter((lane) => lane.isOwned() && lane.isUncommitted);
  }

  private async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await this.consumer?.commitOffsets([...offsets]);
  }
}
