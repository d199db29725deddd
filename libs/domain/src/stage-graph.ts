import {
  type BlobRef,
  type DecodedImage,
  type DenoisingResult,
  type Facts,
  type GenerationRequest,
  type PromptExpansionResult,
  type ReferenceEncodingResult,
  type ScoringResult,
  STAGES,
  type Stage,
  type StageError,
  type StageInput,
  type WeightsRef,
} from '@atelier/contracts';
import { candidateSeed } from './seeds.js';
import { sizeText } from './sizes.js';
import type { StageRunState } from './states.js';

/** Which piece of the generation a run works on; null where the stage does not divide by it. */
export interface RunPosition {
  readonly stage: Stage;
  readonly sampleIndex: number | null;
  readonly candidateIndex: number | null;
  readonly outputIndex: number | null;
  readonly referenceIndex: number | null;
}

/** A run that is to exist. */
export interface RunSpec<S extends Stage = Stage> extends RunPosition {
  readonly stage: S;
  readonly input: StageInput<S>;
}

/** What the graph reads of a run. */
export interface GraphRun extends RunPosition {
  readonly state: StageRunState;
  readonly result: unknown;
  readonly error: StageError | null;
}

/** Everything the graph decides on: no clock, no ids, no store. */
export interface GraphView {
  readonly request: GenerationRequest;
  readonly weights: WeightsRef;
  readonly expansion: PromptExpansionResult | null;
  readonly runs: readonly GraphRun[];
  /** False where the weights bring no checker: scoring then has nothing to do. */
  readonly canScore: boolean;
}

/** Runs that exist from the beginning. References are encoded beside the expansion: neither needs the other's result. */
export function firstRuns(request: GenerationRequest): RunSpec[] {
  const nowhere = { sampleIndex: null, candidateIndex: null, outputIndex: null, referenceIndex: null };
  const expansion: RunSpec<'prompt-expansion'> = {
    ...nowhere,
    stage: 'prompt-expansion',
    input: {
      task: request.task,
      prompts: request.prompts,
      ...(request.negativePrompt === undefined ? {} : { negativePrompt: request.negativePrompt }),
      samples: request.samples,
      outputs: request.outputs,
      expandPrompt: request.expandPrompt,
      layout: request.layout,
      references: request.references,
      size: request.size,
      seed: request.seed,
    },
  };
  const references = request.references.map(
    (reference, referenceIndex): RunSpec<'reference-encoding'> => ({
      ...nowhere,
      stage: 'reference-encoding',
      referenceIndex,
      input: { referenceIndex, reference, size: request.size },
    }),
  );
  return [expansion, ...references];
}

/**
 * Runs that should exist by now and do not. It looks at states, never at which event came last, so that repeated, late
 * or reordered events lead to the same runs.
 */
export function missingRuns(view: GraphView): RunSpec[] {
  if (!view.expansion || firstFailure(view.runs)) return [];
  const encoded = encodedReferences(view);
  if (!encoded) return [];
  const existing = new Set(view.runs.map(positionText));
  const missing: RunSpec[] = [];
  const want = (spec: RunSpec): void => {
    if (!existing.has(positionText(spec))) missing.push(spec);
  };
  for (const { sampleIndex, candidateIndex } of candidatesOf(view.request)) {
    const candidate = candidateView(view, sampleIndex, candidateIndex);
    if (candidate.failure) continue;
    want(denoisingSpec(view, view.expansion, encoded, sampleIndex, candidateIndex));
    if (!candidate.latents) continue;
    for (let outputIndex = 0; outputIndex < view.request.outputs; outputIndex += 1) {
      want(decodingSpec(view, view.expansion, candidate.latents, sampleIndex, candidateIndex, outputIndex));
    }
    const facts = factsOfOutputs(view.request, view.expansion);
    if (candidate.images && needsScoring(view, facts)) {
      want(scoringSpec(candidate.images, facts, sampleIndex, candidateIndex));
    }
  }
  return missing;
}

/** How a candidate stands: still being worked on, drawn (with its score where one was asked for), or lost. */
export type CandidateOutcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'drawn'; readonly score: number | null }
  | { readonly kind: 'lost'; readonly error: StageError };

export function candidateOutcome(view: GraphView, sampleIndex: number, candidateIndex: number): CandidateOutcome {
  const candidate = candidateView(view, sampleIndex, candidateIndex);
  if (candidate.failure) return { kind: 'lost', error: candidate.failure };
  if (!candidate.images || !view.expansion) return { kind: 'pending' };
  if (!needsScoring(view, factsOfOutputs(view.request, view.expansion))) return { kind: 'drawn', score: null };
  const scoring = candidate.scoring;
  if (scoring?.state === 'completed') return { kind: 'drawn', score: (scoring.result as ScoringResult).score };
  // A picture that could not be judged is still a picture.
  if (scoring?.state === 'failed') return { kind: 'drawn', score: null };
  return { kind: 'pending' };
}

/** How a sample stands once all its candidates do: the best score wins, of equal ones the lowest index. */
export type SampleOutcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'succeeded'; readonly chosenCandidate: number; readonly score: number | null }
  | { readonly kind: 'failed'; readonly error: StageError };

export function sampleOutcome(view: GraphView, sampleIndex: number): SampleOutcome {
  const outcomes = Array.from({ length: view.request.bestOf }, (_, candidateIndex) =>
    candidateOutcome(view, sampleIndex, candidateIndex),
  );
  if (outcomes.some((outcome) => outcome.kind === 'pending')) return { kind: 'pending' };
  let best: { chosenCandidate: number; score: number | null } | null = null;
  for (const [chosenCandidate, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'drawn') continue;
    if (!best || (outcome.score ?? -1) > (best.score ?? -1)) best = { chosenCandidate, score: outcome.score };
  }
  if (best) return { kind: 'succeeded', ...best };
  const lost = outcomes.find((outcome) => outcome.kind === 'lost');
  if (!lost) throw new RangeError('a sample without candidates');
  return { kind: 'failed', error: lost.error };
}

/** The failure of a run that every sample needs (expansion or a reference), if there is one. */
export function firstFailure<R extends GraphRun>(runs: readonly R[]): R | null {
  return runs.find((run) => run.sampleIndex === null && run.state === 'failed') ?? null;
}

/** Stages before this one in the graph, for progress and for "why it waits". */
export const stageOrder = (stage: Stage): number => STAGES.indexOf(stage);

export const positionText = (position: RunPosition): string =>
  [
    position.stage,
    position.sampleIndex ?? '-',
    position.candidateIndex ?? '-',
    position.outputIndex ?? '-',
    position.referenceIndex ?? '-',
  ].join('/');

/** Facts of every output, in its order: a single prompt stands for all outputs. */
export const factsOfOutputs = (request: GenerationRequest, expansion: PromptExpansionResult): Facts[] =>
  Array.from({ length: request.outputs }, (_, outputIndex) => {
    const of = expansion.expansions[request.prompts.length === 1 ? 0 : outputIndex];
    return of?.facts ?? { objects: [], relations: [], absent: [] };
  });

const hasQuestions = (facts: Facts): boolean =>
  facts.objects.length > 0 || facts.relations.length > 0 || facts.absent.length > 0;

const needsScoring = (view: GraphView, facts: readonly Facts[]): boolean => view.canScore && facts.some(hasQuestions);

function* candidatesOf(request: GenerationRequest): Generator<{ sampleIndex: number; candidateIndex: number }> {
  for (let sampleIndex = 0; sampleIndex < request.samples; sampleIndex += 1) {
    for (let candidateIndex = 0; candidateIndex < request.bestOf; candidateIndex += 1) {
      yield { sampleIndex, candidateIndex };
    }
  }
}

function encodedReferences(view: GraphView): ReferenceEncodingResult[] | null {
  const results: ReferenceEncodingResult[] = [];
  for (let index = 0; index < view.request.references.length; index += 1) {
    const run = view.runs.find((one) => one.stage === 'reference-encoding' && one.referenceIndex === index);
    if (run?.state !== 'completed') return null;
    results.push(run.result as ReferenceEncodingResult);
  }
  return results;
}

interface CandidateView {
  readonly latents: BlobRef | null;
  /** Decoded outputs in order, once all are there. */
  readonly images: readonly DecodedImage[] | null;
  readonly scoring: GraphRun | null;
  readonly failure: StageError | null;
}

function candidateView(view: GraphView, sampleIndex: number, candidateIndex: number): CandidateView {
  let latents: BlobRef | null = null;
  let scoring: GraphRun | null = null;
  let failure: StageError | null = null;
  const images: DecodedImage[] = [];
  for (const run of view.runs) {
    if (run.sampleIndex !== sampleIndex || run.candidateIndex !== candidateIndex) continue;
    if (run.stage === 'scoring') scoring = run;
    else if (run.state === 'failed') failure ??= run.error;
    else if (run.state !== 'completed') continue;
    else if (run.stage === 'denoising') latents = (run.result as DenoisingResult).latents;
    else if (run.stage === 'decoding') images[run.outputIndex ?? 0] = run.result as DecodedImage;
  }
  const decoded = Object.keys(images).length === view.request.outputs;
  return { latents, images: decoded ? images : null, scoring, failure };
}

function denoisingSpec(
  { request }: GraphView,
  expansion: PromptExpansionResult,
  encoded: readonly ReferenceEncodingResult[],
  sampleIndex: number,
  candidateIndex: number,
): RunSpec<'denoising'> {
  const plans = expansion.plans[sampleIndex];
  if (!plans) throw new RangeError(`the expansion has no plan for sample ${sampleIndex}`);
  return {
    stage: 'denoising',
    sampleIndex,
    candidateIndex,
    outputIndex: null,
    referenceIndex: null,
    input: {
      task: request.task,
      sampleIndex,
      candidateIndex,
      plans,
      references: request.references.map((reference, index) => ({
        ...(encoded[index] as ReferenceEncodingResult),
        role: reference.role,
        weight: reference.weight,
      })),
      size: request.size,
      seed: candidateSeed(request.seed, sampleIndex, candidateIndex),
      steps: request.steps,
      guidance: request.guidance,
      precision: request.precision,
    },
  };
}

function decodingSpec(
  { request, weights }: GraphView,
  expansion: PromptExpansionResult,
  latents: BlobRef,
  sampleIndex: number,
  candidateIndex: number,
  outputIndex: number,
): RunSpec<'decoding'> {
  const prompt = request.prompts[request.prompts.length === 1 ? 0 : outputIndex] ?? '';
  return {
    stage: 'decoding',
    sampleIndex,
    candidateIndex,
    outputIndex,
    referenceIndex: null,
    input: {
      sampleIndex,
      candidateIndex,
      outputIndex,
      latents,
      size: request.size,
      outputFormat: request.outputFormat,
      // No ids and no times: the same request draws the same bytes, whenever and as whatever job it runs.
      provenance: {
        model: weights.name,
        weights: weights.fingerprint,
        profile: weights.profile,
        task: request.task,
        prompt,
        caption: expansion.plans[sampleIndex]?.[outputIndex]?.caption ?? '',
        seed: String(candidateSeed(request.seed, sampleIndex, candidateIndex)),
        steps: String(request.steps),
        guidance: String(request.guidance),
        size: sizeText(request.size),
      },
    },
  };
}

const scoringSpec = (
  images: readonly DecodedImage[],
  facts: readonly Facts[],
  sampleIndex: number,
  candidateIndex: number,
): RunSpec<'scoring'> => ({
  stage: 'scoring',
  sampleIndex,
  candidateIndex,
  outputIndex: null,
  referenceIndex: null,
  input: { sampleIndex, candidateIndex, images: [...images], facts: [...facts] },
});
