import type { GenerationStore, QueueTotal, ReferenceCache, StageRun, Transition } from '@atelier/ports';
import { FakeClock } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { meteredCache } from './metered-cache.js';
import { meteredStore } from './metered-store.js';
import { RecordingTelemetry } from './metrics.fixtures.js';
import { observeQueue } from './queue-metrics.js';

const transition = (over: Partial<Transition> = {}): Transition => ({
  generationId: 'gen_01kb0000000000000000000001',
  guard: { kind: 'run', runId: 'run_01kb0000000000000000000002', fence: 1, states: ['running'] },
  ...over,
});
const runId = 'run_01kb0000000000000000000002';
const error = (errorClass: 'worker-lost' | 'transient') => ({
  class: errorClass,
  code: 'generation_failed',
  message: 'x',
});

describe('a metered store', () => {
  /** Like the real one, its methods are on the prototype and need `this`. */
  class Store {
    readonly outcome: 'applied' | 'stale';
    constructor(outcome: 'applied' | 'stale' = 'applied') {
      this.outcome = outcome;
    }
    async commit() {
      return this.outcome;
    }
    async counts() {
      return { byState: {}, outboxPending: this.outcome === 'stale' ? 1 : 0, stageMs: {} };
    }
  }
  const metered = (outcome?: 'applied' | 'stale') => {
    const telemetry = new RecordingTelemetry();
    return { telemetry, store: meteredStore(new Store(outcome) as unknown as GenerationStore, telemetry) };
  };

  it('counts what commits say: orders, failures by class, spent time without the name of the tenant', async () => {
    const { telemetry, store } = metered();
    await store.commit(
      transition({
        updateRuns: [{ id: runId, state: 'dispatched', fence: 2 }],
        insertRuns: [{ state: 'dispatched' } as StageRun, { state: 'waiting' } as StageRun],
      }),
    );
    await store.commit(
      transition({
        updateRuns: [{ id: runId, state: 'ready', attempts: { 'worker-lost': 1 }, error: error('worker-lost') }],
      }),
    );
    await store.commit(transition({ spentMs: { tenantId: 'ten_acme', stage: 'denoising', ms: 40 } }));
    expect(telemetry.sums).toMatchObject({
      'atelier_runs_ordered_total{}': 2,
      'atelier_run_failures_total{class=worker-lost}': 1,
      'atelier_spent_stage_milliseconds_total{stage=denoising,tenant_class=other}': 40,
      'atelier_commit_duration_seconds_count{outcome=applied}': 3,
    });
    expect(JSON.stringify(telemetry.sums)).not.toContain('acme');
  });

  it('counts a refused write as stale and nothing of what it would have changed', async () => {
    const { telemetry, store } = metered('stale');
    await store.commit(transition({ updateRuns: [{ id: runId, state: 'dispatched', fence: 2 }] }));
    expect(telemetry.sums).toEqual({
      'atelier_stale_writes_total{guard=run}': 1,
      'atelier_commit_duration_seconds_count{outcome=stale}': 1,
    });
  });

  it('passes everything else on as it is', async () => {
    expect((await metered('stale').store.counts()).outboxPending).toBe(1);
  });
});

describe('queue metrics', () => {
  const total = (over: Partial<QueueTotal>): QueueTotal => ({
    tenantId: 'ten_default',
    stage: 'denoising',
    readyMs: 0,
    inFlightMs: 0,
    oldestReadyAt: null,
    ...over,
  });

  it('tell predicted work by stage and tenant class, and the age of the oldest run, on the leader alone', async () => {
    const clock = new FakeClock();
    const telemetry = new RecordingTelemetry();
    const totals = [
      total({ readyMs: 100, oldestReadyAt: clock.now() - 4_000 }),
      total({ tenantId: 'ten_acme', readyMs: 60, oldestReadyAt: clock.now() - 9_000 }),
      total({ tenantId: 'ten_other', readyMs: 40, oldestReadyAt: clock.now() - 1_000 }),
      total({ stage: 'decoding', inFlightMs: 5 }),
    ];
    let reads = 0;
    const store = {
      queueTotals: async () => {
        reads += 1;
        return totals;
      },
      counts: async () => ({ byState: {}, outboxPending: 3, stageMs: {} }),
    };
    let leads = true;
    observeQueue({ store, clock, telemetry, isLeader: () => leads });
    expect(await telemetry.read('atelier_queued_milliseconds')).toEqual({
      '{stage=denoising,tenant_class=default}': 100,
      '{stage=denoising,tenant_class=other}': 100,
    });
    expect(await telemetry.read('atelier_dispatched_milliseconds')).toEqual({
      '{stage=decoding,tenant_class=default}': 5,
    });
    expect(await telemetry.read('atelier_queue_age_seconds')).toEqual({ '{stage=denoising}': 9 });
    expect(await telemetry.read('atelier_outbox_pending')).toEqual({ '{}': 3 });
    expect(reads).toBe(1);
    leads = false;
    expect(await telemetry.read('atelier_queued_milliseconds')).toEqual({});
    expect(await telemetry.read('atelier_leader')).toEqual({ '{}': 0 });
  });
});

describe('a metered cache', () => {
  it('counts hits, misses, bytes and what the break-even declined', async () => {
    const telemetry = new RecordingTelemetry();
    const inner: ReferenceCache = {
      get: async (_, key) => (key === 'known' ? new Uint8Array(7) : null),
      put: async (_, key) => (key === 'cheap' ? { stored: false, reason: 'not-worth-it' } : { stored: true }),
      digests: () => ['d'],
    };
    const cache = meteredCache(inner, telemetry);
    await cache.get('ten_default', 'known');
    await cache.get('ten_default', 'unknown');
    await cache.put('ten_default', 'cheap', new Uint8Array(3), { recomputeMs: 1 });
    await cache.put('ten_default', 'dear', new Uint8Array(5), { recomputeMs: 100 });
    expect(telemetry.sums).toEqual({
      'atelier_cache_reads_total{outcome=hit}': 1,
      'atelier_cache_reads_total{outcome=miss}': 1,
      'atelier_cache_bytes_total{direction=read}': 7,
      'atelier_cache_writes_total{outcome=not-worth-it}': 1,
      'atelier_cache_writes_total{outcome=stored}': 1,
      'atelier_cache_bytes_total{direction=write}': 5,
    });
    expect(cache.digests(1)).toEqual(['d']);
  });
});
