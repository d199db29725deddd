import { afterEach, beforeEach, describe } from 'vitest';
import { type MessageBusFeatures, type MessageBusHarness, MessageBusSuite } from './message-bus.suite.js';
import { deliveryConformance } from './message-bus-delivery.conformance.js';
import { groupsConformance } from './message-bus-groups.conformance.js';

export type { MessageBusFeatures, MessageBusHarness } from './message-bus.suite.js';

/** The suite of the message-bus port. An adapter that passes it may carry Atelier's topics. */
export function messageBusConformance(
  adapter: string,
  features: MessageBusFeatures,
  createHarness: () => Promise<MessageBusHarness>,
): void {
  describe(`message bus: ${adapter}`, () => {
    const suite = new MessageBusSuite(features, createHarness);
    beforeEach(() => suite.open());
    afterEach(() => suite.close());
    deliveryConformance(suite);
    groupsConformance(suite);
  });
}
