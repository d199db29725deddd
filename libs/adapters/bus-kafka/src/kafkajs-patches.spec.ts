import { createRequire } from 'node:module';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { patchKafkajs } from './kafkajs-patches.js';

const require = createRequire(import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: internal classes without types, called on objects that stand in for them.
const prototypeOf = (path: string): any => require(path).prototype;

describe('the patched kafkajs', () => {
  beforeAll(patchKafkajs);
  afterEach(() => void vi.useRealTimers());

  it('arms no timer for a connection at rest, and one for requests that wait', () => {
    vi.useFakeTimers();
    const queue = {
      pending: [] as object[],
      throttledUntil: Date.now() - 1,
      throttleCheckTimeoutId: null,
      checkPendingRequests: vi.fn(),
      scheduleCheckPendingRequests: prototypeOf('kafkajs/src/network/requestQueue/index.js')
        .scheduleCheckPendingRequests,
    };
    queue.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    queue.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(10);
    expect(queue.checkPendingRequests).toHaveBeenCalledOnce();
  });

  it('lets a consumer remember the brokers when it loses the last one', () => {
    const { getNodeIds } = prototypeOf('kafkajs/src/consumer/consumerGroup.js');
    let ids = ['1', '2'];
    const group = { cluster: { getNodeIds: () => ids } };
    expect(getNodeIds.call(group)).toEqual(['1', '2']);
    ids = [];
    expect(getNodeIds.call(group)).toEqual(['1', '2']);
    ids = ['3'];
    expect(getNodeIds.call(group)).toEqual(['3']);
  });

  it('asks again for the coordinator until a broker answers', async () => {
    const { findGroupCoordinatorMetadata } = prototypeOf('kafkajs/src/cluster/index.js');
    const answers = [null, null, { coordinator: { nodeId: 1 } }];
    const cluster = {
      brokerPool: { withBroker: async () => answers.shift() },
      refreshMetadata: vi.fn(async () => undefined),
    };
    const found = await findGroupCoordinatorMetadata.call(cluster, { groupId: 'g' });
    expect(found).toEqual({ coordinator: { nodeId: 1 } });
    expect(cluster.refreshMetadata).toHaveBeenCalledTimes(2);
  });
});
