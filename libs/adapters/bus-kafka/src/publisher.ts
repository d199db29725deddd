import { BusClosedError, MessageRejectedError, type OutgoingMessage } from '@atelier/ports';
import { CompressionTypes, type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { BusLog } from './bus-log.js';
import { RETRY } from './kafka-client.js';
import { type TopicOffsets, UnknownTopicError } from './topic-offsets.js';

/** A record batch of one partition must stay below the broker's limit of 1 MiB; a send may put all into one. */
const SEND_LIMIT = { bytes: 1_000_000, messages: 1_000 };
/** Lengths, offsets and timestamps of a record and of a header, at most. */
const OVERHEAD_BYTES = { record: 32, header: 10 };

interface Publication {
  remaining: number;
  failure: unknown;
  readonly settle: (failure: unknown) => void;
}

interface QueuedMessage {
  readonly message: OutgoingMessage;
  readonly bytes: number;
  readonly publication: Publication;
  readonly queuedAtMs: number;
}

/**
 * Idempotent publishing in order. One send is under way at a time; what is published meanwhile goes with the next one,
 * so that many small publications share a round trip.
 */
export class Publisher {
  private readonly queue: QueuedMessage[] = [];
  private producer: Promise<Producer> | null = null;
  private sending: Promise<void> | null = null;
  private isClosed = false;
  private readonly closed = Promise.withResolvers<never>();
  sentMessages = 0;
  failedMessages = 0;

  constructor(
    private readonly client: Kafka,
    private readonly offsets: TopicOffsets,
    private readonly log: BusLog,
    private readonly maxMessageBytes: number,
    private readonly monotonicMs: () => number,
  ) {
    // Whoever waits for it hears of it.
    this.closed.promise.catch(() => undefined);
  }

  get queuedMessages(): number {
    return this.queue.length;
  }

  get oldestQueuedMs(): number {
    const oldest = this.queue[0];
    return oldest ? this.monotonicMs() - oldest.queuedAtMs : 0;
  }

  /** Connects now, so that the first message does not wait for it. */
  async open(): Promise<void> {
    await this.connected();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.isClosed) throw new BusClosedError();
    if (messages.length === 0) return;
    const sizes = messages.map((message) => this.checkSize(message));
    // Without waiting where everything is known, so that publications queue in the order of their calls.
    if (messages.some((message) => !this.hasPartition(message))) {
      await Promise.race([this.offsets.refreshPartitionCounts(), this.closed.promise]);
      for (const message of messages) this.requirePartition(message);
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (failure: unknown) => (failure === null ? resolve() : reject(failure));
      const publication: Publication = { remaining: messages.length, failure: null, settle };
      const queuedAtMs = this.monotonicMs();
      for (const [index, message] of messages.entries()) {
        const copy = { ...message, headers: { ...message.headers } };
        this.queue.push({ message: copy, bytes: sizes[index] ?? 0, publication, queuedAtMs });
      }
      this.sending ??= this.sendQueued().finally(() => {
        this.sending = null;
      });
    });
  }

  /** Sends what is queued if `withinMs` allows; what is left is rejected. */
  async close(within: Promise<void>): Promise<void> {
    this.isClosed = true;
    this.closed.reject(new BusClosedError());
    await Promise.race([this.sending, within]);
    for (const { publication } of this.queue.splice(0)) publication.settle(new BusClosedError());
    const disconnecting = this.producer?.then((producer) => producer.disconnect());
    await Promise.race([disconnecting?.catch(() => undefined), within]);
  }

  private checkSize({ topic, key, value, headers }: OutgoingMessage): number {
    let bytes = Buffer.byteLength(value) + Buffer.byteLength(key);
    const names = Object.entries(headers);
    for (const [name, text] of names) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes > this.maxMessageBytes) throw new MessageRejectedError(topic, 'too-large', `${bytes} bytes`);
    return bytes + OVERHEAD_BYTES.record + names.length * OVERHEAD_BYTES.header;
  }

  private hasPartition({ topic, partition = 0 }: OutgoingMessage): boolean {
    return Number.isInteger(partition) && partition >= 0 && partition < (this.offsets.knownPartitionCount(topic) ?? 0);
  }

  private requirePartition(message: OutgoingMessage): void {
    if (this.hasPartition(message)) return;
    const { topic, partition } = message;
    const count = this.offsets.knownPartitionCount(topic);
    if (count === null) throw new UnknownTopicError(topic);
    throw new MessageRejectedError(topic, 'no-such-partition', `partition ${partition} of ${count}`);
  }

  private async sendQueued(): Promise<void> {
    while (this.queue.length > 0) {
      const chunk = this.queue.slice(0, this.chunkLength());
      const failure = await this.send(chunk.map(({ message }) => message));
      // Closing empties the queue meanwhile and rejects what was in it.
      this.queue.splice(0, Math.min(chunk.length, this.queue.length));
      if (failure === null) this.sentMessages += chunk.length;
      else this.failedMessages += chunk.length;
      for (const { publication } of chunk) {
        publication.failure ??= failure;
        publication.remaining -= 1;
        if (publication.remaining === 0) publication.settle(publication.failure);
      }
    }
  }

  private chunkLength(): number {
    let bytes = 0;
    let length = 0;
    for (const queued of this.queue) {
      bytes += queued.bytes;
      if (length > 0 && (bytes > SEND_LIMIT.bytes || length >= SEND_LIMIT.messages)) break;
      length += 1;
    }
    return length;
  }

  /** Resolves to what went wrong, or to null. A broker that is away is waited for, so this may take as long. */
  private async send(messages: readonly OutgoingMessage[]): Promise<unknown> {
    const topicMessages = [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      messages: ofTopic.map(({ key, value, headers, partition }) => ({
        key,
        value,
        headers,
        ...(partition === undefined ? {} : { partition }),
      })),
    }));
    try {
      const producer = await this.connected();
      await producer.sendBatch({ topicMessages, acks: -1, compression: CompressionTypes.None });
      return null;
    } catch (error) {
      // An idempotent producer that lost count with the broker fails for ever: the next send gets a new one.
      this.log.error({ err: error }, 'publishing failed');
      void this.producer?.then((producer) => producer.disconnect()).catch(() => undefined);
      this.producer = null;
      return error;
    }
  }

  private connected(): Promise<Producer> {
    this.producer ??= (async () => {
      const producer = this.client.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: RETRY,
      });
      await producer.connect();
      return producer;
    })();
    return this.producer;
  }
}
