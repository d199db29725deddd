import type { ReceivedMessage, TopicHandler } from '@atelier/ports';

/** One delivery on its way to a handler. */
export interface Delivery {
  readonly message: ReceivedMessage;
  /** Aborts when the subscription closes and its drain time is over. */
  readonly signal: AbortSignal;
}

/** Resolving acknowledges the message; throwing asks the bus to deliver it again. */
export type Consume = (delivery: Delivery) => Promise<void>;

/** Wraps the next step for one handler; called once per handler, so that state in its closure is the handler's own. */
export type Middleware = (next: Consume, handler: TopicHandler) => Consume;

/** The first middleware is the outermost. */
export const compose = (middleware: readonly Middleware[], handler: TopicHandler, innermost: Consume): Consume =>
  middleware.reduceRight((next, wrap) => wrap(next, handler), innermost);
