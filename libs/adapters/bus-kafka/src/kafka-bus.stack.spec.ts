import { messageBusConformance } from '@atelier/ports/conformance';
import { inject } from 'vitest';
import { openTestBus } from './kafka-bus.fixtures.js';

messageBusConformance(
  'Kafka',
  { retainsForLateGroups: true, maxMessageBytes: 1_000_000, deliveryTimeoutMs: 15_000 },
  async () => openTestBus(inject('kafka').brokers),
);
