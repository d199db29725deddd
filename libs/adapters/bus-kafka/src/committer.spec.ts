import { FakeClock } from '@atelier/testing';
import type { TopicPartitionOffset } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { Committer } from './committer.js';
import type { Lane } from './lane.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

function setup() {
  const clock = new FakeClock();
  const lane = { topic: 't', partition: 0, handled: null as bigint | null, committed: null as bigint | null };
  const sent: string[] = [];
  const committer = new Committer(
    clock,
    { debug: () => undefined } as never,
    () => (lane.handled === lane.committed ? [] : [lane as unknown as Lane]),
    async (offsets: readonly TopicPartitionOffset[]) => void sent.push(...offsets.map(({ offset }) => offset)),
  );
  const handle = async (offset: bigint) => {
    lane.handled = offset;
    committer.schedule();
    await turns();
  };
  return { clock, committer, sent, handle };
}

describe('offsets of handled messages', () => {
  it('are committed at once at a low rate, and together at a high one', async () => {
    const { clock, sent, handle } = setup();
    await handle(1n);
    expect(sent).toEqual(['1']);
    for (const offset of [2n, 3n, 4n]) await handle(offset);
    expect(sent).toEqual(['1']);
    await clock.advance(100);
    expect(sent).toEqual(['1', '4']);
    await clock.advance(500);
    await handle(5n);
    expect(sent).toEqual(['1', '4', '5']);
  });

  it('wait for nothing when the member leaves', async () => {
    const { committer, sent, handle } = setup();
    await handle(1n);
    await handle(2n);
    await committer.flush();
    expect(sent).toEqual(['1', '2']);
    await handle(3n);
    committer.stop();
    await turns();
    expect(sent).toEqual(['1', '2']);
  });
});
