import { TOPICS, type TopicName } from '@atelier/contracts';
import type { Clock, MessageBus, SubscribeOptions, Subscription, Telemetry, TopicHandler } from '@atelier/ports';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Logger } from '../logging/logger.js';
import { type Consume, compose, type Middleware } from '../middleware/consume.js';
import { deadLetter } from '../middleware/dead-letter.js';
import { dedupe } from '../middleware/dedupe.js';
import { metered } from '../middleware/metered.js';
import { parseAndHandle } from '../middleware/parse.js';
import { trace } from '../middleware/trace.js';
import { SILENT_TELEMETRY } from '../tracing/silent-telemetry.js';
import { checkHandlers, HandlerCheckError } from './handler-check.js';

/** Names the transport to Nest. */
export const BUS_TRANSPORT = Symbol('atelier.bus');

/** Provider token of the `TopicHandler[]` that a composition root hands to the transport. */
export const TOPIC_HANDLERS = Symbol('atelier.topic-handlers');

export interface BusTransportOptions {
  readonly bus: MessageBus;
  /** Topics whose messages this process must handle; checked when the transport is made. */
  readonly owned: readonly TopicName[];
  readonly handlers: readonly TopicHandler[];
  /** Owned topics whose handler comes by `bindLate`, once it is known which partitions it may read. @default none */
  readonly boundLate?: readonly TopicName[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** CloudEvents source of what the transport itself publishes: `/embedded`, `/orchestrator`. */
  readonly source: string;
  /** @default trace ids only */
  readonly telemetry?: Telemetry;
  /** Deliveries of a message before it becomes a dead letter. @default 5 */
  readonly maxAttempts?: number;
  /** Time that running handlers get when the process stops. @default 10,000 */
  readonly drainMs?: number;
  /** Around every handler, outermost first. @default trace, metrics, dead letter, dedupe */
  readonly middleware?: readonly Middleware[];
}

/**
 * Nest's view of the message bus: `app.connectMicroservice({ strategy: new BusTransport(...) })` subscribes every
 * handler when microservices start and drains them when the application closes. Handlers are plain objects from the
 * libraries, not decorated methods, so that they run in tests and in other frameworks without Nest.
 */
export class BusTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  private readonly subscriptions: Subscription[] = [];

  constructor(private readonly options: BusTransportOptions) {
    super();
    const { owned, handlers, boundLate = [] } = options;
    checkHandlers(
      owned.filter((topic) => !boundLate.includes(topic)),
      handlers,
    );
  }

  /** Reports through Nest's callback, as its own transports do. */
  listen(callback: (error?: unknown) => void): void {
    this.subscribeAll().then(() => callback(), callback);
  }

  async close(): Promise<void> {
    const { drainMs = 10_000 } = this.options;
    await Promise.all(this.subscriptions.splice(0).map((subscription) => subscription.close(drainMs)));
  }

  /** Takes no new messages; those in hand are finished. Reversed by `resume`. */
  pause(): void {
    for (const subscription of this.subscriptions) subscription.pause();
  }

  resume(): void {
    for (const subscription of this.subscriptions) subscription.resume();
  }

  /** The bus has no events that Nest could listen to. */
  on(): void {}

  unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async subscribeAll(): Promise<void> {
    if (this.messageHandlers.size > 0) {
      const patterns = [...this.messageHandlers.keys()].join(', ');
      throw new Error(`Message handlers are registered as TopicHandler, not by decorator: ${patterns}`);
    }
    // In one turn: a bus that can shares a connection among subscriptions that are opened together.
    const opened = await Promise.allSettled(this.options.handlers.map((handler) => this.bind(handler)));
    for (const one of opened) if (one.status === 'fulfilled') this.subscriptions.push(one.value);
    const failed = opened.find((one) => one.status === 'rejected');
    if (!failed) return;
    await this.close();
    throw failed.reason;
  }

  /**
   * Subscribes one more handler to a directed slot: to some partitions, with a claim that beats older ones. The caller
   * may close it; otherwise it ends with the transport.
   */
  async bindLate(
    handler: TopicHandler,
    slot: Pick<SubscribeOptions, 'partitions' | 'claim'> = {},
  ): Promise<Subscription> {
    if (!this.options.boundLate?.includes(handler.topic)) {
      throw new HandlerCheckError([`The topic ${handler.topic} was not announced as bound late.`]);
    }
    const subscription = await this.bind(handler, slot);
    this.subscriptions.push(subscription);
    return {
      pause: () => subscription.pause(),
      resume: () => subscription.resume(),
      close: async (drainMs) => {
        const index = this.subscriptions.indexOf(subscription);
        if (index >= 0) this.subscriptions.splice(index, 1);
        await subscription.close(drainMs);
      },
    };
  }

  private bind(
    handler: TopicHandler,
    slot: Pick<SubscribeOptions, 'partitions' | 'claim'> = {},
  ): Promise<Subscription> {
    const { bus, middleware = this.standardMiddleware() } = this.options;
    const consume: Consume = compose(middleware, handler, parseAndHandle(handler));
    return bus.subscribe(
      {
        topic: handler.topic,
        group: handler.group,
        delivery: TOPICS[handler.topic].delivery,
        ...(handler.concurrency === undefined ? {} : { concurrency: handler.concurrency }),
        ...slot,
      },
      (message, { signal }) => consume({ message, signal }),
    );
  }

  private standardMiddleware(): readonly Middleware[] {
    const { telemetry = SILENT_TELEMETRY, clock } = this.options;
    return [trace(telemetry), metered(telemetry, clock), deadLetter(this.options), dedupe()];
  }
}
