import { describe, expect, it } from 'vitest';
import { expectedOrder, type RunForReason, whyItWaits } from './index.js';

const waiting = (overrides: Partial<RunForReason> = {}): RunForReason => ({
  stage: 'denoising',
  state: 'ready',
  nextAttemptAt: 0,
  error: null,
  ...overrides,
});

describe('why a job waits', () => {
  it('is told in one sentence for each reason', () => {
    const next = { position: 0, ofOtherTenants: 0 };
    expect(whyItWaits([waiting()], 1, next)).toBe('Next in line: waits for a free denoising worker.');
    expect(whyItWaits([waiting()], 1, { position: 4, ofOtherTenants: 3 })).toBe(
      '4 runs are ahead of it for denoising, 3 of them of other tenants.',
    );
    expect(whyItWaits([waiting({ nextAttemptAt: 2_500, error: { class: 'transient' } })], 1_000, next)).toBe(
      'denoising is tried again in 2 s after a transient failure.',
    );
    expect(whyItWaits([waiting({ state: 'dispatched' })], 1, next)).toBe(
      'Handed to a denoising worker that has not started it yet.',
    );
    expect(whyItWaits([waiting({ state: 'waiting' })], 1, null)).toBe('Accepted; about to be queued.');
  });

  it('is not told of a job that a worker is at, or that has nothing left to wait for', () => {
    expect(whyItWaits([waiting({ state: 'running' }), waiting()], 1, null)).toBeNull();
    expect(whyItWaits([waiting({ state: 'completed' })], 1, null)).toBeNull();
  });
});

describe('the expected order', () => {
  it('alternates between tenants however many runs one of them has', () => {
    const run = (tenant: string, index: number) => ({
      id: `run_${tenant}${index}`,
      generationId: `gen_${tenant}${index}`,
      tenantId: `ten_${tenant}`,
      stage: 'denoising' as const,
      priority: 'normal' as const,
      createdAt: index,
      predictedMs: 100,
    });
    const flood = Array.from({ length: 50 }, (_, index) => run('a', index));
    const order = expectedOrder([...flood, run('b', 99)], new Map([['ten_a', 1]]));
    expect(order.findIndex(({ tenantId }) => tenantId === 'ten_b')).toBeLessThanOrEqual(2);
    expect(order).toHaveLength(51);
  });
});
