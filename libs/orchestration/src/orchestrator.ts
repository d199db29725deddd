import { TOPICS } from '@atelier/contracts';
import { CostModel, DEFAULT_LEASE_POLICY, type LeasePolicy } from '@atelier/domain';
import { NO_CRASH_POINTS } from '@atelier/ports';
import { Aggregates } from './aggregates.js';
import { Changes } from './changes.js';
import type { DecisionContext } from './decisions/decision-context.js';
import { Dispatcher } from './dispatcher.js';
import { createHandlers } from './handlers.js';
import { Leadership } from './leadership.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { Orchestrator, OrchestratorDependencies } from './orchestrator-types.js';
import { OutboxRelay } from './outbox-relay.js';
import { SlotTable } from './slot-table.js';
import { SteadyTime } from './steady-time.js';
import { WorkerRegistry } from './worker-registry.js';

/**
 * The control plane of one process: handlers that turn events into transitions, and (in one process at a time, by a
 * lease in the store) the relay, the dispatcher and the lease keeper. Any number of replicas may run.
 */
export function createOrchestrator(dependencies: OrchestratorDependencies): Orchestrator {
  const { store, bus, clock, ids, describe, crashPoints = NO_CRASH_POINTS, options = {} } = dependencies;
  const instanceId = options.instanceId ?? ids.executionId();
  const workerTtlMs = options.workerTtlMs ?? 15_000;
  const tickMs = options.tickMs ?? 500;
  const onError = options.onError ?? (() => undefined);
  const leases: LeasePolicy = { ...DEFAULT_LEASE_POLICY, ...options.leases };
  const monotonicMs = () => clock.monotonicMs();
  const steady = new SteadyTime(clock);
  const steadyNow = () => steady.now();
  // What one replica puts off another one takes up: where they share a server's time, decisions are stamped by it.
  const decisionNow = store.serverTime ? steadyNow : () => clock.now();

  const { manifest } = describe();
  const costs = new CostModel(manifest);
  const canScore = manifest.graphs.checker !== undefined;
  const decisionContext = (): DecisionContext => ({ now: decisionNow(), ids, costs, canScore, leases });

  const leadership = new Leadership(store, clock, steadyNow, instanceId, options.leaderTtlMs ?? 5_000);
  const isLeader = () => leadership.isLeader();
  const workers = new WorkerRegistry(monotonicMs, workerTtlMs);
  const slots = new SlotTable(TOPICS['denoising.requested.v1'].partitions, workerTtlMs * 2, monotonicMs);
  const inheritedOrdersAreVoid = options.exclusive === true;
  const relay = new OutboxRelay({ store, bus, clock, crashPoints, isLeader, onError, inheritedOrdersAreVoid });
  const aggregates = new Aggregates(store, crashPoints);
  const changes = new Changes(aggregates, relay, () => dispatcher, decisionContext, onError);
  const dispatcher: Dispatcher = new Dispatcher({
    store,
    clock,
    workers,
    order: (run, placement) => changes.order(run, placement),
    isLeader,
    dueNow: () => steady.due(),
    wakeAfter: (delayMs) => wakeAfter(delayMs),
    onError,
    ...(options.prefetchLeadMs === undefined ? {} : { prefetchLeadMs: options.prefetchLeadMs }),
    ...(options.maxDrawingPerTenant === undefined ? {} : { maxDrawingPerTenant: options.maxDrawingPerTenant }),
  });
  const keeper = new LeaseKeeper({ store, clock, ids, changes, dispatcher, leases, steadyNow, onError });

  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;

  const wake = (): void => {
    relay.wake();
    dispatcher.wake();
  };
  const wakeAfter = (delayMs: number): void => {
    void clock.sleep(delayMs, stopping.signal).then(() => dispatcher.wake());
  };

  let wasIdle = false;
  /** Nothing to do, and nothing to tidy up from before: an idle leader asks one small question at each tick. */
  const staysIdle = async (): Promise<boolean> => {
    const before = wasIdle;
    wasIdle = await store.isIdle();
    return before && wasIdle;
  };

  const tick = async (): Promise<void> => {
    try {
      const isNewLeader = await leadership.renew();
      if (!isLeader()) return;
      if (!isNewLeader && (await staysIdle())) return;
      if (isNewLeader) dispatcher.forgetQueue();
      // The places that are taken must be known before the first order goes out.
      if (isNewLeader && options.exclusive && leadership.isFirstTerm) await keeper.reclaimAll();
      await keeper.tick();
      await dispatcher.settle();
    } catch (error) {
      onError(error, 'orchestrator');
    }
    wake();
  };

  return {
    handlers: createHandlers({
      store,
      bus,
      clock,
      ids,
      changes,
      dispatcher,
      workers,
      slots,
      costs,
      isLeader,
      instanceId,
      wakeAfter,
    }),
    start: async () => {
      if (store.serverTime) await steady.follow(() => store.serverTime?.() ?? Promise.resolve(clock.now()));
      await tick();
      unsubscribe = changes.watch(store);
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await clock.sleep(tickMs, stopping.signal);
          if (!stopping.signal.aborted) await tick();
        }
      })();
    },
    stop: async () => {
      stopping.abort();
      unsubscribe();
      await loop;
      await Promise.all([dispatcher.stop(), relay.stop()]);
      await leadership.release();
    },
    workers: () => workers.live(),
    isLeader,
  };
}
