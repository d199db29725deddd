import { type DeadLetter, toMessage, UnknownMessageVersionError, UnparseableMessageError } from '@atelier/contracts';
import type { Clock, MessageBus, ReceivedMessage, TopicHandler } from '@atelier/ports';
import type { Logger } from '../logging/logger.js';
import type { Middleware } from './consume.js';

export interface DeadLetterOptions {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  /** CloudEvents source of what this process publishes. */
  readonly source: string;
  /** Deliveries of a message before it is given up. @default 5 */
  readonly maxAttempts?: number;
}

const VALUE_CHARACTERS = 65_536;
const HEADER_CHARACTERS = 4_096;
const HEADER_COUNT = 64;

/**
 * Bounds the repetitions of a message. What cannot be parsed goes to `dead-letter.v1` at once, what a handler keeps
 * failing on after `maxAttempts`; either way it is then acknowledged, so that its partition goes on.
 */
export const deadLetter = (options: DeadLetterOptions): Middleware => {
  const { bus, logger, maxAttempts = 5 } = options;
  return (next, handler) => async (delivery) => {
    const { message, signal } = delivery;
    try {
      await next(delivery);
    } catch (error) {
      // A handler that was interrupted has not failed: another process takes the message over.
      if (signal.aborted) throw error;
      const cause = causeOf(error);
      const context = { topic: message.topic, group: handler.group, attempt: message.attempt, err: error };
      if (cause === 'handler-failed' && message.attempt < maxAttempts) {
        logger.warn(context, 'a message handler failed; the message will be delivered again');
        throw error;
      }
      logger.error({ ...context, cause }, 'a message was given up');
      // A dead letter that nobody can handle ends here, or it would chase its own tail.
      if (handler.topic === 'dead-letter.v1') return;
      await bus.publish([letter(message, handler, cause, error, options)]);
    }
  };
};

function causeOf(error: unknown): DeadLetter['cause'] {
  if (error instanceof UnparseableMessageError) return 'unparseable';
  if (error instanceof UnknownMessageVersionError) return 'unknown-version';
  return 'handler-failed';
}

function letter(
  message: ReceivedMessage,
  handler: TopicHandler,
  cause: DeadLetter['cause'],
  error: unknown,
  { clock, source }: DeadLetterOptions,
) {
  const { topic, partition, offset, key } = message;
  const failedAt = clock.now();
  const value: DeadLetter = {
    schemaVersion: 1,
    cause,
    message: (error instanceof Error ? error.message : String(error)).slice(0, 2_000),
    attempts: message.attempt,
    origin: { topic, partition, offset, key },
    value: message.value.slice(0, VALUE_CHARACTERS),
    headers: shortened(message.headers),
    failedAt,
  };
  return toMessage('dead-letter.v1', key ?? topic, value, {
    // The same message given up twice by one group is one dead letter.
    id: `${topic}/${partition}/${offset}/${handler.group}`,
    source,
    time: failedAt,
    traceparent: message.headers.traceparent,
  });
}

/** Headers may be what broke the message: the letter must still fit onto the bus. */
const shortened = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .slice(0, HEADER_COUNT)
      .map(([name, text]) => [name.slice(0, 256), text.slice(0, HEADER_CHARACTERS)]),
  );
