import {
  type DecodingResult,
  DenoisingInput,
  type Job,
  type JobCandidate,
  type JobReference,
  type JobRun,
  type JobSample,
  type Reference,
  type ReferenceEncodingResult,
  type ScoringResult,
  type Stage,
  type Timings,
} from '@atelier/contracts';
import { candidatePlans, sizeText } from '@atelier/domain';
import type { Generation, GenerationAggregate, StageRun } from '@atelier/ports';
import { progressOf } from './progress.js';
import { publicErrorOf } from './public-error.js';

export interface JobViewOptions {
  /** Turns a blob key into an address the caller can open. */
  readonly linkOf: (blobKey: string) => string;
  readonly origin: string;
  /** Place in the queue and why it waits; null for a job that no longer waits. */
  readonly queue: Job['queue'];
}

/** A generation as clients see it. Pure: the same aggregate and options give the same job. */
export function jobViewOf(aggregate: GenerationAggregate, options: JobViewOptions): Job {
  const { generation, runs } = aggregate;
  const { request } = generation;
  const self = `${options.origin}/v1/jobs/${generation.id}`;
  const computeMs = sum(runs, (run) => run.durationMs ?? 0);
  return {
    id: generation.id,
    object: 'job',
    status: generation.state,
    task: request.task,
    model: request.model,
    prompt: request.prompts.join('; '),
    created_at: generation.createdAt,
    started_at: generation.startedAt,
    finished_at: generation.finishedAt,
    queue: options.queue,
    progress: progressOf(aggregate, options.linkOf),
    request: {
      n: request.samples,
      outputs: request.outputs,
      best_of: request.bestOf,
      size: sizeText(request.size),
      seed: request.seed,
      steps: request.steps,
      guidance: request.guidance,
      priority: request.priority,
      output_format: request.outputFormat,
      expand_prompt: request.expandPrompt,
      metadata: request.metadata,
      ...(request.editBox ? { edit_box: request.editBox } : {}),
    },
    expansion: generation.expansion?.expansions[0] ?? null,
    ...(generation.expansion && generation.expansion.expansions.length > 1
      ? { expansions: generation.expansion.expansions }
      : {}),
    ...(request.references.length > 0
      ? { references: request.references.map((reference) => referenceViewOf(reference, options)) }
      : {}),
    samples: generation.samples.map((sample) => sampleViewOf(sample.index, aggregate, options)),
    runs: runs.map(runViewOf),
    warnings: [...generation.warnings],
    error: publicErrorOf(generation.error, failedStageOf(runs)),
    timings: timingsOf(aggregate),
    cost: {
      compute_ms: computeMs,
      predicted_ms: sum(runs, (run) => run.predictedMs),
      charged_images: generation.samples.filter((sample) => sample.state === 'succeeded').length,
    },
    links: { self, events: `${self}/events`, cancel: `${self}/cancel` },
  };
}

function sampleViewOf(index: number, { generation, runs }: GenerationAggregate, options: JobViewOptions): JobSample {
  const sample = generation.samples[index];
  if (!sample) throw new RangeError(`generation ${generation.id} has no sample ${index}`);
  const own = runs.filter((run) => run.sampleIndex === index);
  const candidates = own.filter((run) => run.stage === 'denoising');
  return {
    index,
    status: sample.state,
    error: publicErrorOf(sample.error, failedStageOf(own)),
    layout: layoutOf(generation, index, sample.chosenCandidate ?? 0),
    candidates: candidates.map((run) => candidateViewOf(run, own, sample.chosenCandidate, options)),
  };
}

/** Where things go in the first output of a candidate. */
const layoutOf = ({ expansion }: Generation, sample: number, candidate: number): JobSample['layout'] =>
  expansion ? (candidatePlans(expansion, sample, candidate)[0]?.layout ?? []) : [];

function candidateViewOf(
  denoising: StageRun,
  runs: readonly StageRun[],
  chosen: number | null,
  options: JobViewOptions,
): JobCandidate {
  const index = denoising.candidateIndex ?? 0;
  const own = runs.filter((run) => run.candidateIndex === index);
  const scoring = own.find((run) => run.stage === 'scoring' && run.state === 'completed')?.result as
    | ScoringResult
    | undefined;
  return {
    index,
    seed: DenoisingInput.shape.seed.parse((denoising.input as DenoisingInput).seed),
    score: scoring?.score ?? null,
    chosen: chosen === index,
    answers: scoring?.answers ?? [],
    outputs: own
      .filter((run) => run.stage === 'decoding' && run.state === 'completed')
      .map((run) => run.result as DecodingResult)
      .sort((a, b) => a.outputIndex - b.outputIndex)
      .map((output) => ({
        index: output.outputIndex,
        url: options.linkOf(output.image.key),
        width: output.widthPx,
        height: output.heightPx,
        bytes: output.image.bytes,
        content_type: output.image.contentType,
        sha256: output.image.sha256,
      })),
  };
}

const referenceViewOf = ({ role, blob, preparation }: Reference, { linkOf }: JobViewOptions): JobReference => ({
  role,
  url: linkOf(blob.key),
  ...(preparation ? { preparation: preparation.kind } : {}),
  ...(preparation?.kind === 'hole' && preparation.mask ? { mask_url: linkOf(preparation.mask.key) } : {}),
});

const runViewOf = (run: StageRun): JobRun => ({
  id: run.id,
  stage: run.stage,
  state: run.state,
  sample: run.sampleIndex,
  candidate: run.candidateIndex,
  output: run.outputIndex,
  attempt: run.fence,
  worker: run.workerId,
  ready_at: run.readyAt,
  started_at: run.startedAt,
  finished_at: run.finishedAt,
  predicted_ms: run.predictedMs,
  duration_ms: run.durationMs,
  ...(run.stage === 'reference-encoding' && run.state === 'completed'
    ? { cache_hit: (run.result as ReferenceEncodingResult).cacheHit }
    : {}),
  ...(run.referenceIndex === null ? {} : { reference: run.referenceIndex }),
  error: publicErrorOf(run.error, run.stage),
});

/** The stage of the first run that gave up for good. */
export const failedStageOf = (runs: readonly StageRun[]): Stage | null =>
  runs.find((run) => run.state === 'failed' || run.state === 'abandoned')?.stage ?? null;

export function timingsOf({ generation, runs }: GenerationAggregate): Timings {
  const stages: Record<string, number> = {};
  for (const run of runs) {
    if (run.durationMs !== null) stages[run.stage] = (stages[run.stage] ?? 0) + run.durationMs;
  }
  return {
    stages,
    total_ms: generation.finishedAt === null ? null : generation.finishedAt - generation.createdAt,
    compute_ms: sum(runs, (run) => run.durationMs ?? 0),
  };
}

const sum = (runs: readonly StageRun[], value: (run: StageRun) => number): number =>
  runs.reduce((total, run) => total + value(run), 0);
