import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationStore } from './generation-store.port.js';
import {
  exampleGeneration,
  outboxOf,
  startedEvent,
  submitted,
  whileActive,
} from './generation-store-conformance/examples.js';
import { queueSuite } from './generation-store-conformance/queue.js';
import { readingSuite } from './generation-store-conformance/reading.js';
import { transitionSuite } from './generation-store-conformance/transitions.js';
import { committingSuite, submittingSuite } from './generation-store-conformance/writing.js';

export interface GenerationStoreFeatures {
  /** Keeps its data beyond its own life; then the harness can `reopen`. */
  readonly durable: boolean;
}

export interface GenerationStoreHarness {
  readonly store: GenerationStore;
  /** Closes the store and opens another one on the same data. */
  readonly reopen?: () => Promise<GenerationStore>;
  readonly dispose?: () => Promise<void>;
}

/**
 * The suite of the generation-store port. One store serves all tests, each with tenants and generations of its own, as
 * in life: so a database that other tests, or earlier runs, have used is fine too.
 */
export function generationStoreConformance(
  adapter: string,
  features: GenerationStoreFeatures,
  createHarness: () => Promise<GenerationStoreHarness>,
): void {
  describe(`generation store: ${adapter}`, () => {
    let harness: GenerationStoreHarness;
    let store: GenerationStore;
    beforeAll(async () => {
      harness = await createHarness();
      store = harness.store;
    });
    afterAll(async () => {
      await store?.close();
      await harness?.dispose?.();
    });
    const current = (): GenerationStore => store;

    submittingSuite(current);
    committingSuite(current);
    queueSuite(current);
    readingSuite(current);
    transitionSuite(current);

    if (!features.durable) return;
    it('keeps everything over a restart', async () => {
      if (harness.reopen === undefined) throw new Error('a durable store needs a harness that can reopen it');
      const { generation } = await submitted(store, exampleGeneration());
      await store.commit(whileActive(generation, { events: [startedEvent], generation: { state: 'running' } }));
      const before = await store.load(generation.id);
      store = await harness.reopen();
      expect(await store.load(generation.id)).toEqual(before);
      expect(await outboxOf(store, generation.id)).toEqual(['{}']);
      expect(await store.commit(whileActive(generation, { expectedSequence: 2, events: [startedEvent] }))).toBe(
        'applied',
      );
    });
  });
}
