import { STAGES, type Stage, type StageCompleted, type StageFailed, stageTopic, toMessage } from '@atelier/contracts';
import { type CostModel, costKey } from '@atelier/domain';
import type { Clock, GenerationStore, Ids, MessageBus, TopicHandler } from '@atelier/ports';
import type { Changes } from './changes.js';
import { decideCompleted, decideFailed, decideProgressed } from './decisions/decide-answer.js';
import { decideRelease } from './decisions/decide-generation.js';
import { decideHandBack, findExecution } from './decisions/decide-run.js';
import type { Dispatcher } from './dispatcher.js';
import type { SlotTable } from './slot-table.js';
import type { WorkerRegistry } from './worker-registry.js';

export interface HandlerDependencies {
  readonly store: Pick<GenerationStore, 'runsInState'>;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'seed'>;
  readonly changes: Changes;
  readonly dispatcher: Dispatcher;
  readonly workers: WorkerRegistry;
  readonly slots: SlotTable;
  readonly costs: CostModel;
  readonly isLeader: () => boolean;
  readonly instanceId: string;
  /** Wakes the dispatcher when a retry comes due. */
  readonly wakeAfter: (delayMs: number) => void;
}

/** All replicas share this group: each event is handled by one of them. */
const GROUP = 'orchestration';
/** Messages of different partitions at once. Within a generation, order comes from the partition and from the fences. */
const CONCURRENCY = 8;
const MAX_IN_FLIGHT = 10_000;

/** Every topic that orchestration owns, each with its one handler. */
export function createHandlers(dependencies: HandlerDependencies): TopicHandler[] {
  return [
    submitted(dependencies),
    ...STAGES.map((stage) => completed(stage, dependencies)),
    ...STAGES.map((stage) => failed(stage, dependencies)),
    progressed(dependencies),
    reported(dependencies),
    draining(dependencies),
  ] as TopicHandler[];
}

const submitted = ({ changes }: HandlerDependencies): TopicHandler<'generation.submitted.v1'> => ({
  topic: 'generation.submitted.v1',
  group: GROUP,
  concurrency: CONCURRENCY,
  handle: async ({ generationId }) => {
    await changes.apply(generationId, decideRelease);
  },
});

function completed<S extends Stage>(stage: S, dependencies: HandlerDependencies): TopicHandler {
  const { changes, costs, ids } = dependencies;
  return {
    topic: stageTopic(stage, 'completed'),
    group: GROUP,
    concurrency: CONCURRENCY,
    handle: async (value) => {
      const event = value as StageCompleted<Stage>;
      const outcome = await changes.apply(
        event.generationId,
        (aggregate, context) => decideCompleted(aggregate, event, randomOf(ids), context),
        true,
      );
      if (outcome.kind === 'nothing') return;
      costs.observe(costKey(stage, outcome.aggregate.generation.request), event.durationMs);
    },
  };
}

function failed(stage: Stage, dependencies: HandlerDependencies): TopicHandler {
  const { changes, ids, wakeAfter, clock } = dependencies;
  return {
    topic: stageTopic(stage, 'failed'),
    group: GROUP,
    concurrency: CONCURRENCY,
    handle: async (value) => {
      const event = value as StageFailed<Stage>;
      const outcome = await changes.apply(
        event.generationId,
        (aggregate, context) => decideFailed(aggregate, event, randomOf(ids), context),
        true,
      );
      if (outcome.kind === 'nothing') return;
      const run = outcome.aggregate.runs.find((one) => one.id === event.runId);
      if (run?.state === 'ready' && run.nextAttemptAt > 0) wakeAfter(run.nextAttemptAt - clock.now());
    },
  };
}

const progressed = ({ changes }: HandlerDependencies): TopicHandler<'generation.progressed.v1'> => ({
  topic: 'generation.progressed.v1',
  group: GROUP,
  concurrency: CONCURRENCY,
  handle: async (event) => {
    await changes.apply(event.generationId, (aggregate, context) => decideProgressed(aggregate, event, context));
  },
});

/** Every replica hears every report (a group of its own each), so that any of them can lead at once. */
function reported(dependencies: HandlerDependencies): TopicHandler<'worker.reported.v1'> {
  const { workers, slots, dispatcher, isLeader, bus, clock, instanceId } = dependencies;
  return {
    topic: 'worker.reported.v1',
    group: `${GROUP}-${instanceId}`,
    handle: async (report) => {
      const before = workers.get(report.workerId);
      const worker = workers.report(report);
      if (!isLeader()) return;
      const assignment = worker.stage === 'denoising' && !worker.draining ? slots.assign(worker, clock.now()) : null;
      if (assignment) {
        // Not through the outbox: if it is lost, the worker's next report asks for it again.
        await bus.publish([
          toMessage('worker.assigned.v1', worker.workerId, assignment, {
            id: `${worker.workerId}.${assignment.slot}.${report.reportedAt}`,
            source: '/orchestration',
            time: clock.now(),
          }),
        ]);
      }
      // Reports come with every change of load; whose places and slot are as before tells the dispatcher nothing.
      if (before?.slot !== worker.slot || before.capacity !== worker.capacity) dispatcher.wake();
      else dispatcher.wakeFor(worker.stage);
    },
  };
}

function draining(dependencies: HandlerDependencies): TopicHandler<'worker.draining.v1'> {
  const { workers, changes, dispatcher, store, instanceId } = dependencies;
  return {
    topic: 'worker.draining.v1',
    group: `${GROUP}-${instanceId}`,
    handle: async (event) => {
      workers.drain(event);
      for (const { runId, fence } of event.handedBack) {
        const generationId =
          dispatcher.find(runId)?.generationId ??
          (await store.runsInState(['dispatched', 'running'], MAX_IN_FLIGHT)).find((run) => run.id === runId)
            ?.generationId;
        if (!generationId) continue;
        await changes.apply(generationId, (aggregate, context) => {
          const run = findExecution(aggregate, runId, fence);
          return typeof run === 'string' ? run : decideHandBack(aggregate, run, context);
        });
      }
    },
  };
}

const randomOf = (ids: Pick<Ids, 'seed'>): number => ids.seed() / 2 ** 32;
