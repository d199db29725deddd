import { vi } from 'vitest';
import type {
  MessageBus,
  OutgoingMessage,
  ReceivedMessage,
  SubscribeOptions,
  Subscription,
} from './message-bus.port.js';

/** What an adapter's technology can do; every test of the suite runs unless a feature says it cannot. */
export interface MessageBusFeatures {
  /** Queue groups that open after the publishing still get what is kept. */
  readonly retainsForLateGroups: boolean;
  /** Largest message that is accepted, in bytes of value, key and headers. Null: no limit. */
  readonly maxMessageBytes: number | null;
  /** Longest time until an expected delivery, redelivery and rebalance included. */
  readonly deliveryTimeoutMs: number;
}

export interface MessageBusHarness {
  readonly bus: MessageBus;
  /** Creates a topic nobody used before. */
  createTopic(partitions: number): Promise<string>;
  dispose?(): Promise<void>;
}

export interface Collected {
  readonly received: ReceivedMessage[];
  readonly subscription: Subscription;
  values(): string[];
}

/** The bus under test, and the words in which the tests speak about it. A new bus for every test. */
export class MessageBusSuite {
  private current: MessageBusHarness | undefined;

  constructor(
    readonly features: MessageBusFeatures,
    private readonly createHarness: () => Promise<MessageBusHarness>,
  ) {}

  async open(): Promise<void> {
    this.current = await this.createHarness();
  }

  async close(): Promise<void> {
    await this.bus.close(0);
    await this.harness.dispose?.();
  }

  get harness(): MessageBusHarness {
    if (!this.current) throw new Error('no test is running');
    return this.current;
  }

  get bus(): MessageBus {
    return this.harness.bus;
  }

  until(condition: () => unknown): Promise<void> {
    const check = () => {
      if (!condition()) throw new Error(`still waiting for: ${condition}`);
    };
    return vi.waitFor(check, { timeout: this.features.deliveryTimeoutMs, interval: 2 });
  }

  queue(topic: string, group = 'workers', rest: Partial<SubscribeOptions> = {}): SubscribeOptions {
    return { topic, group, delivery: 'queue', ...rest };
  }

  async collect(options: SubscribeOptions): Promise<Collected> {
    const received: ReceivedMessage[] = [];
    const subscription = await this.bus.subscribe(options, async (delivered) => void received.push(delivered));
    return { received, subscription, values: () => received.map(({ value }) => value) };
  }
}

export const message = (topic: string, key: string, value: string): OutgoingMessage => ({
  topic,
  key,
  value,
  headers: {},
});
