import type { Generation, StageRun, Submission, Transition } from '@atelier/ports';

// For specs: the smallest records that a database takes.

let drawn = 0;
const newId = (prefix: string): string => {
  drawn += 1;
  return `${prefix}_${drawn.toString(36).padStart(20, '0')}`;
};

const REQUEST: Generation['request'] = {
  schemaVersion: 1,
  task: 't2i',
  prompts: ['a red apple'],
  samples: 1,
  outputs: 1,
  bestOf: 1,
  references: [],
  layout: [],
  size: { widthPx: 256, heightPx: 256 },
  outputFormat: 'png',
  background: 'auto',
  seed: 7,
  steps: 8,
  guidance: 1,
  precision: 'auto',
  expandPrompt: 'auto',
  priority: 'normal',
  model: 'tiny',
  profile: 'v4',
  metadata: {},
};

const runOf = ({ id, tenantId }: Generation): StageRun => ({
  id: newId('run'),
  generationId: id,
  tenantId,
  stage: 'prompt-expansion',
  sampleIndex: null,
  candidateIndex: null,
  outputIndex: null,
  referenceIndex: null,
  state: 'ready',
  fence: 0,
  attempts: {},
  lostWorkers: [],
  workerId: null,
  leaseUntil: null,
  nextAttemptAt: 0,
  priority: 'normal',
  predictedMs: 1,
  durationMs: null,
  step: null,
  steps: null,
  input: {},
  result: null,
  error: null,
  checkpoint: null,
  previewKey: null,
  createdAt: 1,
  readyAt: 1,
  startedAt: null,
  finishedAt: null,
  traceparent: null,
});

/** A generation with one ready run, one log entry and one message. */
export const submissionOf = (overrides: Partial<Generation> = {}): Submission => {
  const generation: Generation = {
    id: newId('gen'),
    tenantId: 'ten_spec',
    state: 'queued',
    request: REQUEST,
    weights: { name: 'tiny', fingerprint: 'f', profile: 'v4' },
    samples: [{ index: 0, state: 'queued', error: null, chosenCandidate: null }],
    expansion: null,
    warnings: [],
    error: null,
    traceparent: null,
    createdAt: 1,
    startedAt: null,
    finishedAt: null,
    ...overrides,
  };
  return {
    generation,
    runs: [runOf(generation)],
    events: [{ type: 'generation.queued', at: 1, data: {} }],
    outbox: [{ topic: 'generation.submitted.v1', key: generation.id, value: '{}', headers: {} }],
  };
};

export const whileActive = ({ id }: Generation, rest: Partial<Transition>): Transition => ({
  generationId: id,
  guard: { kind: 'generation-active' },
  ...rest,
});

export const byHolder = (run: StageRun, rest: Partial<Transition>): Transition => ({
  generationId: run.generationId,
  guard: { kind: 'run', runId: run.id, fence: run.fence, states: [run.state] },
  ...rest,
});
