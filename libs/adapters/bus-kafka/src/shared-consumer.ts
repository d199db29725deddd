import type { GroupConsumer } from './group-consumer.js';
import type { KafkaSubscription } from './kafka-subscription.js';

/** The consumer that several subscriptions of one group read through, until the last of them has left. */
export class SharedConsumer {
  private consumer: GroupConsumer;
  private readonly drained = new Set<KafkaSubscription>();
  private readonly ended = Promise.withResolvers<void>();
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private subscriptions: readonly KafkaSubscription[],
    private readonly create: (subscriptions: readonly KafkaSubscription[]) => GroupConsumer,
    private readonly onEnded: () => void,
  ) {
    this.consumer = create(subscriptions);
  }

  get current(): GroupConsumer {
    return this.consumer;
  }

  has(subscription: KafkaSubscription): boolean {
    return this.subscriptions.includes(subscription);
  }

  async open(): Promise<void> {
    await this.consumer.open();
  }

  /** Resolves once nothing is read for `subscription` any more and what it handled is committed. */
  async leave(subscription: KafkaSubscription): Promise<void> {
    this.drained.add(subscription);
    const staying = this.subscriptions.filter((other) => !this.drained.has(other));
    if (staying.length === 0) await this.end();
    else if (staying.every(({ isClosing }) => isClosing)) await this.ended.promise;
    else await this.goOnWithout(subscription);
  }

  private async end(): Promise<void> {
    await this.changing;
    await this.consumer.close();
    this.onEnded();
    this.ended.resolve();
  }

  /**
   * kafkajs cannot drop a topic, so another consumer takes over. Messages in hand of the others are delivered again:
   * their process is a new member.
   */
  private async goOnWithout(subscription: KafkaSubscription): Promise<void> {
    const before = this.changing;
    this.changing = (async () => {
      await before;
      await this.consumer.close();
      this.subscriptions = this.subscriptions.filter((other) => other !== subscription);
      this.consumer = this.create(this.subscriptions);
      await this.consumer.open();
    })();
    await this.changing;
  }
}
