import { FakeClock } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import type { WorkerSighting } from '../api-deps.js';
import { servingCapacity } from './serving-capacity.js';

const denoiser = (overrides: Partial<WorkerSighting> = {}): WorkerSighting => ({
  workerId: 'denoising-1',
  stage: 'denoising',
  inFlight: 0,
  capacity: 2,
  seenAtMs: 0,
  maxPixels: 4_096,
  ...overrides,
});

describe('what live workers can take', () => {
  it('is the largest picture of any that draws and does not drain', () => {
    const workers = [
      denoiser(),
      denoiser({ maxPixels: 65_536 }),
      denoiser({ maxPixels: 1 << 20, draining: true }),
      denoiser({ stage: 'decoding', maxPixels: 1 << 20 }),
    ];
    expect(servingCapacity(() => workers, new FakeClock())()).toEqual({ parallel: 2, maxPixels: 65_536 });
  });

  it('is unknown right after the start and while a worker is replaced, and nothing once nobody came for a minute', async () => {
    const clock = new FakeClock();
    let workers: WorkerSighting[] = [];
    const capacity = servingCapacity(() => workers, clock);
    expect(capacity()).toBeNull();
    await clock.advance(60_000);
    expect(capacity()).toEqual({ parallel: 0, maxPixels: null });
    workers = [denoiser()];
    expect(capacity()).toMatchObject({ parallel: 1 });
    workers = [];
    await clock.advance(59_000);
    expect(capacity()).toBeNull();
    await clock.advance(1_000);
    expect(capacity()).toEqual({ parallel: 0, maxPixels: null });
  });
});
