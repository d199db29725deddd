import type { Telemetry } from '@atelier/ports';

/** What a bus tells about itself at a glance. */
export interface BusHealth {
  readonly publisher: {
    readonly queuedMessages: number;
    readonly oldestQueuedMs: number;
    readonly sentMessages: number;
    readonly failedMessages: number;
  };
  readonly subscriptions: readonly {
    readonly topic: string;
    readonly isMember: boolean;
    readonly partitions: readonly { readonly lag: number }[];
  }[];
}

/** Messages that wait to be sent or handled, and whether this process is still heard by its groups. */
export function observeBus(health: () => BusHealth, telemetry: Pick<Telemetry, 'gauge'>): void {
  telemetry.gauge('atelier_bus_lag_messages', 'Messages that the bus holds for this process, by topic.', () =>
    health().subscriptions.map(({ topic, partitions }) => ({
      value: partitions.reduce((sum, { lag }) => sum + lag, 0),
      labels: { topic },
    })),
  );
  telemetry.gauge('atelier_bus_member', '1 while the broker answers for a subscription, by topic.', () =>
    health().subscriptions.map(({ topic, isMember }) => ({ value: isMember ? 1 : 0, labels: { topic } })),
  );
  telemetry.gauge('atelier_bus_unsent_messages', 'Messages that the broker has not taken yet.', () => [
    { value: health().publisher.queuedMessages },
  ]);
  telemetry.gauge('atelier_bus_unsent_age_seconds', 'Age of the oldest message that the broker has not taken.', () => [
    { value: health().publisher.oldestQueuedMs / 1000 },
  ]);
  telemetry.gauge('atelier_bus_sent_messages', 'Messages that the broker took since the start.', () => [
    { value: health().publisher.sentMessages },
  ]);
}
