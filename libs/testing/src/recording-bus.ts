import { parseMessage, type TopicName, type TopicValue } from '@atelier/contracts';
import type { MessageBus, OutgoingMessage } from '@atelier/ports';

/** The publishing side of a bus that keeps what was said, for specs of what speaks. */
export class RecordingBus implements Pick<MessageBus, 'publish'> {
  readonly messages: OutgoingMessage[] = [];
  /** Set to make every publish fail, as an unreachable broker does. */
  outage: Error | null = null;

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.outage) throw this.outage;
    this.messages.push(...messages);
  }

  /** What was said on a topic, parsed by its schema. */
  on<N extends TopicName>(topic: N): TopicValue<N>[] {
    return this.messages.filter((message) => message.topic === topic).map(({ value }) => parseMessage(topic, value));
  }

  get topics(): string[] {
    return this.messages.map((message) => message.topic);
  }
}
