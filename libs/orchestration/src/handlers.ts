import { STAGES, type Stage, type StageCompleted, type StageFailed, stageTopic, toMessage } from '@atelier/contracts';
import { type CostModel, costKey, type LeasePolicy } from '@atelier/domain';
import type { Clock, GenerationStore, Ids, MessageBus, TopicHandler } from '@atelier/ports';
import type { Aggregates } from './aggregates.js';
import { decideCompleted, decideFailed, decideProgressed } from './decisions/decide-answer.js';
import { decideRelease } from './decisions/decide-generation.js';
import { decideHandBack, findExecution } from './decisions/decide-run.js';
import type { DecisionContext } from './decisions/generation-draft.js';
import type { Dispatcher } from './dispatcher.js';
import type { SlotTable } from './slot-table.js';
import type { WorkerRegistry } from './worker-registry.js';

export interface HandlerDependencies {
  readonly store: Pick<GenerationStore, 'runsInState'>;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'seed'>;
  readonly aggregates: Aggregates;
  readonly dispatcher: Dispatcher;
  readonly workers: WorkerRegistry;
  readonly slots: SlotTable;
  readonly costs: CostModel;
  readonly leases: LeasePolicy;
  readonly decisionContext: () => DecisionContext;
  readonly isLeader: () => boolean;
  readonly instanceId: string;
  /** Wakes the dispatcher when a retry comes due. */
  readonly wakeAfter: (delayMs: number) => void;
}

/** All replicas share this group: each event is handled by one of them. */
const GROUP = 'orchestration';
/** Messages of different partitions at once. Within a generation, order comes from the partition and from the fences. */
const CONCURRENCY = 8;
const ACCEPT = { before: 'accept.before-commit', after: 'accept.after-commit' } as const;
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

const submitted = ({ aggregates, decisionContext }: HandlerDependencies): TopicHandler<'generation.submitted.v1'> => ({
  topic: 'generation.submitted.v1',
  group: GROUP,
  concurrency: CONCURRENCY,
  handle: async ({ generationId }) => {
    await aggregates.change(generationId, (aggregate) => decideRelease(aggregate, decisionContext()));
  },
});

function completed<S extends Stage>(stage: S, dependencies: HandlerDependencies): TopicHandler {
  const { aggregates, decisionContext, dispatcher, costs, ids } = dependencies;
  return {
    topic: stageTopic(stage, 'completed'),
    group: GROUP,
    concurrency: CONCURRENCY,
    handle: async (value) => {
      const event = value as StageCompleted<Stage>;
      const outcome = await aggregates.change(
        event.generationId,
        (aggregate) => decideCompleted(aggregate, event, randomOf(ids), decisionContext()),
        ACCEPT,
      );
      if (outcome.kind === 'nothing') return;
      costs.observe(costKey(stage, outcome.aggregate.generation.request), event.durationMs);
      dispatcher.noteEnded(event.runId);
    },
  };
}

function failed(stage: Stage, dependencies: HandlerDependencies): TopicHandler {
  const { aggregates, decisionContext, dispatcher, ids, wakeAfter, clock } = dependencies;
  return {
    topic: stageTopic(stage, 'failed'),
    group: GROUP,
    concurrency: CONCURRENCY,
    handle: async (value) => {
      const event = value as StageFailed<Stage>;
      const outcome = await aggregates.change(
        event.generationId,
        (aggregate) => decideFailed(aggregate, event, randomOf(ids), decisionContext()),
        ACCEPT,
      );
      if (outcome.kind === 'nothing') return;
      dispatcher.noteEnded(event.runId);
      const run = outcome.aggregate.runs.find((one) => one.id === event.runId);
      if (run?.state === 'ready' && run.nextAttemptAt > 0) wakeAfter(run.nextAttemptAt - clock.now());
    },
  };
}

const progressed = ({
  aggregates,
  decisionContext,
  leases,
}: HandlerDependencies): TopicHandler<'generation.progressed.v1'> => ({
  topic: 'generation.progressed.v1',
  group: GROUP,
  concurrency: CONCURRENCY,
  handle: async (event) => {
    await aggregates.change(event.generationId, (aggregate) =>
      decideProgressed(aggregate, event, leases, decisionContext()),
    );
  },
});

/** Every replica hears every report (a group of its own each), so that any of them can lead at once. */
function reported(dependencies: HandlerDependencies): TopicHandler<'worker.reported.v1'> {
  const { workers, slots, dispatcher, isLeader, bus, clock, instanceId } = dependencies;
  return {
    topic: 'worker.reported.v1',
    group: `${GROUP}-${instanceId}`,
    handle: async (report) => {
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
      dispatcher.wake();
    },
  };
}

function draining(dependencies: HandlerDependencies): TopicHandler<'worker.draining.v1'> {
  const { workers, aggregates, decisionContext, dispatcher, store, instanceId } = dependencies;
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
        const outcome = await aggregates.change(generationId, (aggregate) => {
          const run = findExecution(aggregate, runId, fence);
          return typeof run === 'string' ? run : decideHandBack(aggregate, run, decisionContext());
        });
        if (outcome.kind === 'applied') dispatcher.noteEnded(runId);
      }
    },
  };
}

const randomOf = (ids: Pick<Ids, 'seed'>): number => ids.seed() / 2 ** 32;
