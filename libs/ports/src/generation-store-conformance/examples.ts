import type { GenerationId, GenerationRequest, TenantId } from '@atelier/contracts';
import type {
  Generation,
  GenerationStore,
  NewEvent,
  NewOutboxRow,
  StageRun,
  Submission,
  Transition,
} from '../generation-store.port.js';

// Small records that every store takes, for the conformance suite, specs and measurements (`@atelier/ports/examples`).

let drawn = 0;

/** Ids unique in this process and, by the start time, in a database that earlier runs of the suite have used. */
const started = Date.now().toString(36).padStart(10, '0');
const unique = (): string => {
  drawn += 1;
  return `${started}${process.pid.toString(36).padStart(5, '0')}${drawn.toString(36).padStart(6, '0')}`;
};

export const newTenant = (): TenantId => `ten_${unique()}`;
export const newGenerationId = (): GenerationId => `gen_${unique()}`;

/** One picture of 256 px in eight steps. */
export const exampleRequest = (overrides: Partial<GenerationRequest> = {}): GenerationRequest => ({
  schemaVersion: 1,
  task: 'text-to-image',
  prompts: ['a red apple to the left of a dog'],
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
  ...overrides,
});

export const exampleGeneration = (
  overrides: Partial<Omit<Generation, 'request'>> & { readonly request?: Partial<GenerationRequest> } = {},
): Generation => ({
  id: newGenerationId(),
  tenantId: newTenant(),
  state: 'queued',
  weights: { name: 'tiny', fingerprint: 'f', profile: 'v4' },
  samples: [{ index: 0, state: 'queued', error: null, chosenCandidate: null }],
  expansion: null,
  warnings: [],
  error: null,
  traceparent: null,
  createdAt: 1_000,
  startedAt: null,
  finishedAt: null,
  ...overrides,
  request: exampleRequest(overrides.request),
});

export const exampleRun = (generation: Generation, overrides: Partial<StageRun> = {}): StageRun => ({
  id: `run_${unique()}`,
  generationId: generation.id,
  tenantId: generation.tenantId,
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
  predictedMs: 12.5,
  durationMs: null,
  step: null,
  steps: null,
  input: { prompts: ['a red apple to the left of a dog'] },
  result: null,
  error: null,
  checkpoint: null,
  previewKey: null,
  createdAt: generation.createdAt,
  readyAt: generation.createdAt,
  startedAt: null,
  finishedAt: null,
  traceparent: null,
  ...overrides,
});

export const queuedEvent: NewEvent = { type: 'generation.queued', at: 1_000, data: {} };
export const startedEvent: NewEvent = { type: 'stage.started', at: 1_100, stage: 'denoising', data: { attempt: 1 } };

export const exampleMessage = (key: string, value = '{}'): NewOutboxRow => ({
  topic: 'generation.submitted.v1',
  key,
  value,
  headers: { ce_type: 'generation.submitted.v1' },
});

export const exampleSubmission = (
  generation: Generation = exampleGeneration(),
  overrides: Partial<Submission> = {},
): Submission => ({
  generation,
  runs: [exampleRun(generation)],
  events: [queuedEvent],
  outbox: [exampleMessage(generation.id)],
  ...overrides,
});

/** Submits a generation with one ready run and returns both. */
export const submitted = async (
  store: GenerationStore,
  generation: Generation = exampleGeneration(),
  runOverrides: Partial<StageRun> = {},
): Promise<{ generation: Generation; run: StageRun }> => {
  const run = exampleRun(generation, runOverrides);
  await store.submit(exampleSubmission(generation, { runs: [run] }));
  return { generation, run };
};

/** A transition that always may be applied while the generation lives. */
export const whileActive = (generation: Generation, rest: Partial<Transition> = {}): Transition => ({
  generationId: generation.id,
  guard: { kind: 'generation-active' },
  ...rest,
});

/** A transition that only the holder of this fence of the run may apply. */
export const byHolder = (run: StageRun, rest: Partial<Transition> = {}): Transition => ({
  generationId: run.generationId,
  guard: { kind: 'run', runId: run.id, fence: run.fence, states: [run.state] },
  ...rest,
});

/** What waits in the outbox for one generation, in order. */
export const outboxOf = async (store: GenerationStore, key: string): Promise<string[]> =>
  (await store.readOutbox(1_000_000)).filter((row) => row.key === key).map((row) => row.value);
