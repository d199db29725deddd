import type { OperationsSnapshot } from '@atelier/contracts';
import { describe, expect, it, vi } from 'vitest';
import { type ApiHarness, startApi } from '../../harness/api-harness.js';

/** Plays the start of orchestration: the first runs of the job may be dispatched. */
async function makeReady(api: ApiHarness, id: string): Promise<void> {
  const aggregate = await api.store.load(id);
  await api.store.commit({
    generationId: id,
    guard: { kind: 'generation-active' },
    updateRuns: (aggregate?.runs ?? []).map((run) => ({ id: run.id, state: 'ready', readyAt: Date.now() })),
  });
}

/** The queue as it is read anew: readers of the same quarter of a second share one look. */
const snapshotOf = (api: ApiHarness, queued: number, headers = {}) =>
  vi.waitFor(async () => {
    const snapshot = (await api.call('GET', '/v1/operations', { headers })).json as OperationsSnapshot;
    expect(snapshot.queue).toHaveLength(queued);
    return snapshot;
  });

describe('GET /v1/operations -> 200', () => {
  it('lists what waits in the order in which it will start, with a reason for each', async () => {
    const api = await startApi({
      workers: () => [{ workerId: 'denoising-1', stage: 'denoising', inFlight: 1, capacity: 2, seenAtMs: 0 }],
    });
    const first = await api.createJob({ seed: 1 });
    const urgent = await api.createJob({ seed: 2, priority: 'high' });
    for (const { id } of [first, urgent]) await makeReady(api, id);
    const { queue, workers, totals } = await snapshotOf(api, 2);
    expect(queue.map(({ job, position }) => ({ job, position }))).toEqual([
      { job: urgent.id, position: 0 },
      { job: first.id, position: 1 },
    ]);
    expect(queue.every(({ reason }) => reason.length > 0)).toBe(true);
    expect(workers).toMatchObject([{ id: 'denoising-1', in_flight: 1, capacity: 2 }]);
    expect(totals.by_state.queued).toBe(2);
  });

  it("shows a tenant with a key none of the others' jobs, but its true position", async () => {
    const api = await startApi({ auth: 'keys' });
    const [acme, rival] = await Promise.all([api.keyOf('ten_acme'), api.keyOf('ten_rival')]);
    await makeReady(api, (await api.createJob({}, acme)).id);
    const own = await api.createJob({}, rival);
    await makeReady(api, own.id);
    const { queue, totals } = await snapshotOf(api, 1, rival);
    expect(totals).toMatchObject({ by_state: { queued: 1 }, outbox_pending: 1 });
    expect(queue.map(({ job, tenant }) => ({ job, tenant }))).toEqual([{ job: own.id, tenant: 'ten_rival' }]);
    expect(queue[0]?.position).toBe(1);
  });
});
