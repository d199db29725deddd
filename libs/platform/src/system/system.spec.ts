import { GenerationId, RunId } from '@atelier/contracts';
import { FakeClock } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { systemClock } from './system-clock.js';
import { UlidIds } from './ulid-ids.js';

describe('UlidIds', () => {
  it('makes ids that fit the contracts', () => {
    const ids = new UlidIds(systemClock);
    expect(GenerationId.safeParse(ids.generationId()).success).toBe(true);
    expect(RunId.safeParse(ids.runId()).success).toBe(true);
    expect(ids.executionId()).toMatch(/^[0-9a-z]{12}$/);
  });

  it('makes ids that sort in the order they were made, within a millisecond and over many', async () => {
    const clock = new FakeClock();
    const ids = new UlidIds(clock);
    const made: string[] = [];
    for (let ms = 0; ms < 20; ms += 1) {
      for (let n = 0; n < 50; n += 1) made.push(ids.ulid());
      await clock.advance(1);
    }
    expect(made).toEqual([...made].sort());
    expect(new Set(made).size).toBe(1_000);
  });

  it('keeps the order when the clock jumps back', () => {
    const clock = new FakeClock();
    const ids = new UlidIds(clock);
    const before = ids.ulid();
    clock.jump(-60_000);
    expect(ids.ulid() > before).toBe(true);
  });

  it('encodes the time as the ULID specification does', () => {
    // The specification's own example: 01ARZ3NDEK... is 1469922850259 ms.
    expect(new UlidIds({ now: () => 1_469_922_850_259 }).ulid().slice(0, 10)).toBe('01arz3ndek');
  });

  it('makes seeds over the whole range of 32 bits', () => {
    const seeds = Array.from({ length: 200 }, () => new UlidIds(systemClock).seed());
    expect(Math.min(...seeds)).toBeLessThan(2 ** 31);
    expect(Math.max(...seeds)).toBeGreaterThanOrEqual(2 ** 31);
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  });
});

describe('systemClock', () => {
  it('sleeps at least as long as it was told', async () => {
    const before = systemClock.monotonicMs();
    await systemClock.sleep(20);
    expect(systemClock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
  });

  it('wakes at once when the signal aborts, or was aborted before', async () => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, abort.signal);
    abort.abort();
    await sleeping;
    await systemClock.sleep(3_600_000, abort.signal);
  });
});
