import type { TopicName, TopicValue } from '@atelier/contracts';
import type { ReceivedMessage } from './message-bus.port.js';

/**
 * A handler of one topic, free of any transport. Libraries export these; the platform binds each to the bus through
 * its Nest transport strategy, which parses the value by the topic's schema first, and proves at boot that every
 * topic a process owns has exactly one.
 */
export interface TopicHandler<N extends TopicName = TopicName> {
  readonly topic: N;
  readonly group: string;
  readonly concurrency?: number;
  handle(
    value: TopicValue<N>,
    context: { readonly signal: AbortSignal; readonly message: ReceivedMessage },
  ): Promise<void>;
}
