import type { Priority } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byUrgency, fairOrder, type QueuedRun, StartTimeFairQueue } from './index.js';

interface Simulated {
  /** Milliseconds each tenant was served. */
  readonly servedMs: Map<string, number>;
  /** Longest time that a waiting tenant saw only others served, in milliseconds of service. */
  readonly longestWaitMs: Map<string, number>;
}

/** One place, all tenants flooding: serves until `budgetMs` is used up. Measured time is predicted time times `error`. */
function flood(
  tenants: readonly { id: string; weight: number; costMs: number }[],
  budgetMs: number,
  error: (tenantId: string) => number = () => 1,
): Simulated {
  const fairness = new StartTimeFairQueue();
  for (const { id, weight } of tenants) fairness.setWeight(id, weight);
  const costs = new Map(tenants.map(({ id, costMs }) => [id, costMs]));
  const servedMs = new Map(tenants.map(({ id }) => [id, 0]));
  const waitedMs = new Map(tenants.map(({ id }) => [id, 0]));
  const longestWaitMs = new Map(tenants.map(({ id }) => [id, 0]));
  for (let usedMs = 0; usedMs < budgetMs; ) {
    const next = fairness.pick(costs.keys());
    if (next === null) throw new Error('nobody was picked although all wait');
    const predictedMs = costs.get(next) as number;
    const measuredMs = predictedMs * error(next);
    fairness.charge(next, predictedMs);
    fairness.settle(next, predictedMs - measuredMs);
    servedMs.set(next, (servedMs.get(next) as number) + measuredMs);
    usedMs += measuredMs;
    for (const { id } of tenants) {
      waitedMs.set(id, id === next ? 0 : (waitedMs.get(id) as number) + measuredMs);
      longestWaitMs.set(id, Math.max(longestWaitMs.get(id) as number, waitedMs.get(id) as number));
    }
  }
  return { servedMs, longestWaitMs };
}

const tenants = fc
  .array(fc.record({ weight: fc.integer({ min: 1, max: 8 }), costMs: fc.integer({ min: 5, max: 2_000 }) }), {
    minLength: 2,
    maxLength: 8,
  })
  .map((list) => list.map((one, index) => ({ id: `ten_${index}`, ...one })));

describe('under a flood by all tenants', () => {
  it('each gets its share by weight within 10 %, however different the costs of their runs', () => {
    fc.assert(
      fc.property(tenants, (all) => {
        const totalWeight = all.reduce((sum, { weight }) => sum + weight, 0);
        // Long enough that one run more or less of anybody is not what is measured.
        const budgetMs = 60 * Math.max(...all.map(({ costMs, weight }) => (costMs * totalWeight) / weight));
        const { servedMs } = flood(all, budgetMs);
        const total = [...servedMs.values()].reduce((sum, ms) => sum + ms, 0);
        for (const { id, weight } of all) {
          const share = (servedMs.get(id) as number) / total;
          expect(share / (weight / totalWeight)).toBeGreaterThan(0.9);
          expect(share / (weight / totalWeight)).toBeLessThan(1.1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shares are of measured time: a tenant whose runs take three times the prediction gains nothing by it', () => {
    const all = [
      { id: 'ten_honest', weight: 1, costMs: 100 },
      { id: 'ten_slow', weight: 1, costMs: 100 },
    ];
    const { servedMs } = flood(all, 100_000, (id) => (id === 'ten_slow' ? 3 : 1));
    const ratio = (servedMs.get('ten_slow') as number) / (servedMs.get('ten_honest') as number);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('nobody starves: every tenant is served again within the fair time of one run of its own and of each other', () => {
    fc.assert(
      fc.property(tenants, (all) => {
        const totalWeight = all.reduce((sum, { weight }) => sum + weight, 0);
        const longestMs = Math.max(...all.map(({ costMs }) => costMs));
        const { longestWaitMs } = flood(all, 40 * longestMs * all.length);
        for (const { id, weight, costMs } of all) {
          // Others get service until their tags pass its own: their share of the time of its last run, and one run each.
          const others = all.filter((one) => one.id !== id);
          const boundMs = (costMs / weight) * (totalWeight - weight) + others.length * longestMs;
          expect(longestWaitMs.get(id) as number).toBeLessThanOrEqual(boundMs + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a tenant that comes later is served next, whatever the size of the runs, and idle time has saved nothing up', () => {
    for (const costMs of [1, 5, 100, 5_000]) {
      const fairness = new StartTimeFairQueue();
      for (let run = 0; run < 1_000; run += 1) {
        fairness.charge(fairness.pick(['ten_flood']) as string, costMs);
        // The late one was here once, long ago.
        if (run === 10) fairness.charge('ten_late', costMs);
      }
      const served: string[] = [];
      for (let run = 0; run < 20; run += 1) {
        const next = fairness.pick(['ten_flood', 'ten_late']) as string;
        fairness.charge(next, costMs);
        served.push(next);
      }
      expect(served[0]).toBe('ten_late');
      expect(served.filter((id) => id === 'ten_late').length).toBeLessThanOrEqual(11);
    }
  });

  it('a tenant that asks for one run after the other waits for at most one run of a flood each time', () => {
    const fairness = new StartTimeFairQueue();
    for (let run = 0; run < 50; run += 1) {
      // Between its runs only the flood is there.
      for (let other = 0; other < 3; other += 1) fairness.charge(fairness.pick(['ten_flood']) as string, 10);
      fairness.forgetIdle((id) => id === 'ten_flood');
      const waiting = ['ten_flood', 'ten_quiet'];
      let ahead = 0;
      for (let next = fairness.pick(waiting); next !== 'ten_quiet'; next = fairness.pick(waiting)) {
        fairness.charge('ten_flood', 10);
        ahead += 1;
      }
      fairness.charge('ten_quiet', 10);
      expect(ahead).toBeLessThanOrEqual(1);
    }
  });

  it('a tenant that waits for a place of its own kind catches up when it gets one, within a bound', () => {
    const fairness = new StartTimeFairQueue();
    fairness.pick(['ten_blocked', 'ten_served']);
    for (let run = 0; run < 10; run += 1) fairness.charge(fairness.pick(['ten_served']) as string, 100);
    // Nine hundred milliseconds behind, it goes first nine times and is then level.
    for (let run = 0; run < 9; run += 1) {
      expect(fairness.pick(['ten_blocked', 'ten_served'])).toBe('ten_blocked');
      fairness.charge('ten_blocked', 100);
    }
    for (let run = 0; run < 10_000; run += 1) fairness.charge(fairness.pick(['ten_served']) as string, 100);
    fairness.pick(['ten_blocked', 'ten_served']);
    expect(fairness.aheadMs('ten_blocked')).toBe(-10_000);
  });

  it('what a flood has in flight counts against it, also where its short runs have overtaken a long one', () => {
    const inFlight: number[] = [];
    const fairness = new StartTimeFairQueue(() => inFlight);
    inFlight.push(fairness.charge('ten_flood', 1_000));
    for (let run = 0; run < 5; run += 1) fairness.charge('ten_flood', 5);
    // Its own short run first, then its long one: both before the next one of the flood.
    for (const costMs of [5, 1_000]) {
      expect(fairness.pick(['ten_flood', 'ten_late'])).toBe('ten_late');
      fairness.charge('ten_late', costMs);
    }
    inFlight.pop();
    expect(fairness.pick(['ten_flood', 'ten_late'])).toBe('ten_late');
  });

  it('a run that hangs in flight lets a newcomer go ahead by ten seconds of service at most', () => {
    const hanging: number[] = [];
    const fairness = new StartTimeFairQueue(() => hanging);
    hanging.push(fairness.charge('ten_flood', 100));
    for (let run = 0; run < 1_000; run += 1) fairness.charge(fairness.pick(['ten_flood']) as string, 100);
    let aheadMs = 0;
    while (fairness.pick(['ten_flood', 'ten_late']) === 'ten_late') {
      fairness.charge('ten_late', 100);
      aheadMs += 100;
    }
    expect(aheadMs).toBeGreaterThan(5_000);
    expect(aheadMs).toBeLessThanOrEqual(10_200);
  });

  it('credit of a tenant without work is forgotten, its debt is not', () => {
    const fairness = new StartTimeFairQueue();
    fairness.settle('ten_a', 5_000);
    fairness.settle('ten_b', -5_000);
    fairness.charge('ten_a', 100);
    fairness.charge('ten_b', 100);
    expect([fairness.aheadMs('ten_a'), fairness.aheadMs('ten_b')]).toEqual([-4_900, 100]);
  });
});

const run = (id: string, tenantId: string, createdAt: number, priority: Priority = 'normal'): QueuedRun => ({
  id,
  tenantId,
  priority,
  createdAt,
  predictedMs: 100,
});

describe('the fair order', () => {
  it('names every run that can be placed exactly once, and no other', () => {
    const runs = fc.array(
      fc.record({
        tenant: fc.nat(4),
        createdAt: fc.nat(100_000),
        priority: fc.constantFrom<Priority>('high', 'normal', 'low'),
        placeable: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(runs, (given) => {
        const all = given.map((one, index) => ({
          ...run(`run_${index}`, `ten_${one.tenant}`, one.createdAt, one.priority),
          placeable: one.placeable,
        }));
        const chosen = [...fairOrder(all, new StartTimeFairQueue(), (one) => one.placeable)].map((one) => one.run);
        expect(chosen.map(({ id }) => id).sort()).toEqual(
          all
            .filter(({ placeable }) => placeable)
            .map(({ id }) => id)
            .sort(),
        );
        for (const tenantId of new Set(chosen.map((one) => one.tenantId))) {
          const own = chosen.filter((one) => one.tenantId === tenantId);
          expect(own).toEqual([...own].sort(byUrgency));
        }
      }),
    );
  });

  it('stops when the places are taken', () => {
    const runs = Array.from({ length: 10 }, (_, index) => run(`run_${index}`, `ten_${index % 2}`, index));
    let places = 3;
    const chosen: string[] = [];
    for (const one of fairOrder(runs, new StartTimeFairQueue(), () => places > 0)) {
      places -= 1;
      chosen.push(one.run.tenantId);
    }
    expect(chosen).toHaveLength(3);
    expect(new Set(chosen).size).toBe(2);
  });

  it('looks past a run that has no place to the next one of its tenant', () => {
    const runs = [run('run_blocked', 'ten_a', 0), run('run_free', 'ten_a', 1)];
    expect([...fairOrder(runs, new StartTimeFairQueue(), ({ id }) => id === 'run_free')]).toHaveLength(1);
  });
});

describe('urgency inside a tenant', () => {
  it('puts high before normal before low at the same time', () => {
    const runs = [run('c', 't', 0, 'low'), run('b', 't', 0, 'normal'), run('a', 't', 0, 'high')];
    expect(runs.sort(byUrgency).map(({ priority }) => priority)).toEqual(['high', 'normal', 'low']);
  });

  it('ages: what has waited two minutes longer goes first, whatever its class', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 120_001, max: 10_000_000 }), (createdAt, laterMs) => {
        const old = run('z', 't', createdAt, 'low');
        const fresh = run('a', 't', createdAt + laterMs, 'high');
        expect(byUrgency(old, fresh)).toBeLessThan(0);
      }),
    );
  });
});
