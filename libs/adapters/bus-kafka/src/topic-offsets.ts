import { BusClosedError } from '@atelier/ports';
import type { Admin, Kafka } from 'kafkajs';

export const keyOf = (topic: string, partition: number): string => `${topic}\n${partition}`;

/** Thrown by `subscribe` and `publish` for a topic that the cluster does not have; `ensureTopics` creates topics. */
export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError';
  constructor(readonly topic: string) {
    super(`the Kafka cluster has no topic ${topic}`);
  }
}

const RETRY_MS = 100;

/** What is asked of the cluster beside reading and writing: partitions, ends, committed offsets. Connects when asked. */
export class TopicOffsets {
  private admin: Promise<Admin> | null = null;
  private partitionCounts: ReadonlyMap<string, number> = new Map();
  private refreshing: Promise<void> | null = null;
  private readonly closed = Promise.withResolvers<never>();
  private isClosed = false;

  constructor(private readonly client: Kafka) {
    // Whoever waits for an answer hears of it.
    this.closed.promise.catch(() => undefined);
  }

  /** Partitions of a topic as far as known; null before `refreshPartitionCounts` found the topic. */
  knownPartitionCount(topic: string): number | null {
    return this.partitionCounts.get(topic) ?? null;
  }

  async refreshPartitionCounts(): Promise<void> {
    this.refreshing ??= this.fetchPartitionCounts().finally(() => {
      this.refreshing = null;
    });
    await this.refreshing;
  }

  async requireTopic(topic: string): Promise<void> {
    if (this.partitionCounts.has(topic)) return;
    await this.refreshPartitionCounts();
    if (!this.partitionCounts.has(topic)) throw new UnknownTopicError(topic);
  }

  /** Next offset to be written, by `keyOf`. */
  async ends(topics: readonly string[]): Promise<Map<string, bigint>> {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high } of await this.ask((admin) => admin.fetchTopicOffsets(topic))) {
        ends.set(keyOf(topic, partition), BigInt(high));
      }
    }
    return ends;
  }

  /** Where a group stands, by `keyOf`; partitions that it never committed are missing. */
  async committed(groupId: string, topics: readonly string[]): Promise<Map<string, bigint>> {
    const committed = new Map<string, bigint>();
    const answer = await this.ask((admin) => admin.fetchOffsets({ groupId, topics: [...topics] }));
    for (const { topic, partitions } of answer) {
      for (const { partition, offset } of partitions) {
        if (BigInt(offset) >= 0n) committed.set(keyOf(topic, partition), BigInt(offset));
      }
    }
    return committed;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.closed.reject(new BusClosedError());
    await (await this.admin)?.disconnect();
  }

  /** Of all topics: asked for one that does not exist, kafkajs would go on asking without end. */
  private async fetchPartitionCounts(): Promise<void> {
    const { topics } = await this.ask((admin) => admin.fetchTopicMetadata());
    this.partitionCounts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  }

  /**
   * Repeats a question until there is an answer or the bus closes: a broker may go away, and a topic that was just
   * created, or whose broker just came back, has no leader for a moment.
   */
  private async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    for (;;) {
      if (this.isClosed) throw new BusClosedError();
      try {
        return await Promise.race([this.connected().then(question), this.closed.promise]);
      } catch (error) {
        if (this.isClosed) throw new BusClosedError();
        if ((error as { retriable?: boolean }).retriable !== true) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private connected(): Promise<Admin> {
    this.admin ??= (async () => {
      const admin = this.client.admin();
      await admin.connect();
      return admin;
    })();
    return this.admin;
  }
}
