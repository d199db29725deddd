import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { FakeClock } from '@atelier/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { expiringBlobs, startSweeper } from './blob-expiry.js';

const HOUR_MS = 3_600_000;

async function openStore() {
  const directory = await mkdtemp(join(tmpdir(), 'atelier-expiry-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const clock = new FakeClock();
  return { clock, blobs: new FilesystemBlobStore({ directory, clock }) };
}

describe('blob expiry', () => {
  it('keeps pictures for the time that was set, and shorter where the writer says so', async () => {
    const { clock, blobs } = await openStore();
    const pictures = expiringBlobs(blobs, clock, 10 * HOUR_MS);
    await pictures.put('a.png', new Uint8Array([1]), { contentType: 'image/png' });
    await pictures.put('b.png', new Uint8Array([2]), { contentType: 'image/png', expiresAt: clock.now() + HOUR_MS });
    await clock.advance(2 * HOUR_MS);
    expect(await blobs.head('a.png')).not.toBeNull();
    expect(await blobs.head('b.png')).toBeNull();
    await clock.advance(9 * HOUR_MS);
    expect(await blobs.head('a.png')).toBeNull();
  });

  it('sweeps at its pace, goes on after a failure, and stops when it is told to', async () => {
    const clock = new FakeClock();
    const failures: unknown[] = [];
    let sweeps = 0;
    const sweeper = startSweeper({
      clock,
      intervalMs: HOUR_MS,
      onError: (error) => failures.push(error),
      sweep: async () => {
        sweeps += 1;
        if (sweeps === 1) throw new Error('disk');
      },
    });
    for (let hour = 1; hour <= 3; hour += 1) {
      await vi.waitFor(() => expect(clock.sleeping).toBe(1));
      await clock.advance(HOUR_MS);
      await vi.waitFor(() => expect(sweeps).toBe(hour));
    }
    expect(failures).toHaveLength(1);
    await sweeper.stop();
    await clock.advance(5 * HOUR_MS);
    expect(sweeps).toBe(3);
  });
});
