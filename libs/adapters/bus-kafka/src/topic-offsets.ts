import type { Admin, Kafka } from 'kafkajs';

export const keyOf = (topic: string, partition: number): string => `${topic}\n${partition}`;

/** Thrown by `subscribe` and `publish` for a topic that the cluster does not have; `ensureTopics` creates topics. */
export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError';
  constructor(readonly topic: string) {
    super(`the Kafka cluster has no topic ${topic}`);
  }
}

const LEADER_RETRY_MS = 100;

/** A topic that was just created, or whose broker just came back, has no leader for a moment: asked again until it has. */
async function untilLed<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true) throw error;
      await new Promise((resolve) => setTimeout(resolve, LEADER_RETRY_MS));
    }
  }
}

/** What is asked of the cluster beside reading and writing: partitions, ends, committed offsets. Connects when asked. */
export class TopicOffsets {
  private admin: Promise<Admin> | null = null;
  private partitionCounts: ReadonlyMap<string, number> = new Map();
  private refreshing: Promise<void> | null = null;

  constructor(private readonly client: Kafka) {}

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
    const admin = await this.connected();
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high } of await untilLed(() => admin.fetchTopicOffsets(topic))) {
        ends.set(keyOf(topic, partition), BigInt(high));
      }
    }
    return ends;
  }

  /** Where a group stands, by `keyOf`; partitions that it never committed are missing. */
  async committed(groupId: string, topics: readonly string[]): Promise<Map<string, bigint>> {
    const admin = await this.connected();
    const committed = new Map<string, bigint>();
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics: [...topics] })) {
      for (const { partition, offset } of partitions) {
        if (BigInt(offset) >= 0n) committed.set(keyOf(topic, partition), BigInt(offset));
      }
    }
    return committed;
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    await (await admin)?.disconnect();
  }

  /** Of all topics: asked for one that does not exist, kafkajs would go on asking without end. */
  private async fetchPartitionCounts(): Promise<void> {
    const { topics } = await (await this.connected()).fetchTopicMetadata();
    this.partitionCounts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
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
