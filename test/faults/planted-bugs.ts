import type { ViolationKind } from './history.ts';

/** One replacement in a compiled module of the platform; the text must occur exactly once. */
export interface Edit {
  /** End of the module's path. */
  readonly module: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * A mistake that is put into the real platform while its process loads it. The suites that meet such a platform must
 * find violations: a checker that never saw one is not known to see any.
 */
export interface PlantedBug {
  readonly name: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** At least one of these must be found; none of a change that is a fault and no mistake: a platform outlives it. */
  readonly foundAs: readonly ViolationKind[];
}

const DECISIONS = 'libs/orchestration/dist/decisions/decide-run.js';
const RELAY = 'libs/orchestration/dist/outbox-relay.js';

export const PLANTED_BUGS = {
  noFenceCheck: {
    name: 'no fence check',
    what: 'an answer is accepted whatever its fence, and also when its run is over',
    foundAs: ['duplicated', 'charged-twice'],
    edits: [
      // Two guards stand before it: a process that forgets what it handled, and a store that believes every commit.
      {
        module: 'libs/platform/dist/middleware/dedupe.js',
        find: 'if (identity && handled.has(identity))',
        replace: 'if (false)',
      },
      { module: DECISIONS, find: 'if (run.fence > fence || !isInFlight(run.state))', replace: 'if (false)' },
      {
        module: 'libs/adapters/store-prisma/dist/commit-statement.js',
        find: "case 'run': {",
        replace: "case 'run': { return 'true';",
      },
    ],
  },
  markedBeforePublished: {
    name: 'marked before published',
    what: 'the relay marks outbox rows as published and publishes them afterwards',
    foundAs: ['lost'],
    edits: [
      {
        module: RELAY,
        find: `if (fresh.length > 0) {
            crashPoints.reach('relay.before-publish');`,
        replace: 'if (fresh.length > 0) {',
      },
      {
        module: RELAY,
        find: `        try {
            crashPoints.reach('relay.before-publish');
            await bus.publish(rows.map(toMessage));`,
        replace: `        try {
            const pending = await this.options.store.readOutbox(10_000);
            await this.options.store.markPublished(pending.map((row) => row.id));
            // The worst moment to die: between the mark of an end and its publication.
            if (rows.some((row) => row.topic === 'generation.finished.v1')) crashPoints.reach('relay.before-publish');
            await bus.publish(rows.map(toMessage));`,
      },
    ],
  },
  publishedBeforeCommitted: {
    name: 'published before committed',
    what: 'what an answer leads to is published while its commit is still to come',
    foundAs: ['contradiction'],
    edits: [
      {
        module: 'libs/orchestration/dist/changes.js',
        find: '(transition) => [...(isAnswer ? ACCEPT : [])',
        replace: '(transition) => this.relay.publishNow(transition.outbox ?? []) ?? [...(isAnswer ? ACCEPT : [])',
      },
      {
        module: 'libs/orchestration/dist/aggregates.js',
        find: 'const points = pointsOf(decision);',
        // The worst moment to die: between the publication of an end and its commit.
        replace: `const all = pointsOf(decision);
                const points = decision.generation?.finishedAt === undefined ? [] : all;
                await new Promise((resolve) => setTimeout(resolve, 20));`,
      },
    ],
  },
  resumedOneStepLate: {
    name: 'resumed one step late',
    what: 'a picture that goes on from a checkpoint leaves out a step',
    foundAs: ['picture'],
    edits: [
      {
        module: 'libs/adapters/inference-onnx/dist/flow-denoise.js',
        find: 'const firstStep = resume?.step ?? 0;',
        replace: 'const firstStep = resume ? Math.min(resume.step + 1, steps) : 0;',
      },
    ],
  },
} as const satisfies Record<string, PlantedBug>;
