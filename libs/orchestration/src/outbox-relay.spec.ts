import type { NewOutboxRow, OutboxRow } from '@atelier/ports';
import { NO_CRASH_POINTS } from '@atelier/ports';
import { FakeClock } from '@atelier/testing';
import { describe, expect, it, vi } from 'vitest';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';

const row = (id: string, topic: string): OutboxRow =>
  ({ id, topic, key: 'gen_1', value: '{}', headers: { ce_source: 'test', ce_id: id } }) as unknown as OutboxRow;

/** A relay over rows that a former process left; what it did, in order. `publish` may be made to end the process. */
function relayOver(
  left: OutboxRow[],
  publish: () => Promise<void> = async () => undefined,
  options: Partial<OutboxRelayOptions> = {},
) {
  const done: string[] = [];
  const store = {
    readOutbox: async () => [...left],
    markPublished: async (ids: readonly string[]) => {
      done.push(`mark ${ids.join(' ')}`);
      for (const id of ids)
        left.splice(
          left.findIndex((one) => one.id === id),
          1,
        );
    },
  };
  const bus = {
    publish: async (messages: readonly { headers: NewOutboxRow['headers'] }[]) => {
      done.push(`publish ${messages.map(({ headers }) => headers.ce_id).join(' ')}`);
      await publish();
    },
  };
  const relay = new OutboxRelay({
    store,
    bus: bus as never,
    clock: new FakeClock(),
    crashPoints: NO_CRASH_POINTS,
    isLeader: () => true,
    onError: () => undefined,
    ...options,
  });
  return { relay, done };
}

describe('the relay of a new process', () => {
  it('publishes an order that ended the last process at most once more: it is marked first', async () => {
    const left = [row('1', 'generation.submitted.v1'), row('2', 'denoising.requested.v1')];
    const { relay, done } = relayOver(left, () => new Promise(() => undefined));
    relay.wake();
    await vi.waitFor(() => expect(done).toEqual(['mark 2', 'publish 1 2']));
    expect(left.map(({ id }) => id)).toEqual(['1']);
  });

  it('publishes everything else before it marks it, and orders too once the start is over', async () => {
    const left = [row('1', 'generation.submitted.v1')];
    const { relay, done } = relayOver(left);
    relay.wake();
    await vi.waitFor(() => expect(done).toEqual(['publish 1', 'mark 1']));
    left.push(row('2', 'denoising.requested.v1'));
    relay.wake();
    await vi.waitFor(() => expect(done.slice(2)).toEqual(['publish 2', 'mark 2']));
  });

  it('publishes no order that it finds where every run was taken back: nobody draws what is about to be ordered again', async () => {
    const left = [row('1', 'denoising.requested.v1'), row('2', 'generation.submitted.v1')];
    const { relay, done } = relayOver(left, undefined, { inheritedOrdersAreVoid: true });
    relay.wake();
    await vi.waitFor(() => expect(done).toEqual(['mark 1', 'publish 2', 'mark 2']));
    left.push(row('3', 'denoising.requested.v1'));
    relay.wake();
    await vi.waitFor(() => expect(done.slice(3)).toEqual(['publish 3', 'mark 3']));
  });
});
