import { parseMessage } from '@atelier/contracts';
import type { TopicHandler } from '@atelier/ports';
import type { Consume } from './consume.js';

/** The innermost step: reads the value by its topic's schema and hands it to the handler. */
export const parseAndHandle =
  (handler: TopicHandler): Consume =>
  async ({ message, signal }) =>
    handler.handle(parseMessage(handler.topic, message.value), { signal, message });
