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
  type WeightsRef,
} from '@atelier/contracts';
import { decodingSpec, denoisingSpec, type RunPosition, type RunSpec, scoringSpec } from './stage-runs.js';
import type { StageRunState } from './states.js';

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
      want(decodingSpec(view, view.expansion, candidate.latents, sampleIndex, candidateIndex, outputIndex, encoded));
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

/** Facts of every output, in its order: a single expansion stands for all outputs. */
export const factsOfOutputs = (request: GenerationRequest, expansion: PromptExpansionResult): Facts[] =>
  Array.from({ length: request.outputs }, (_, outputIndex) => {
    const of = expansion.expansions[expansion.expansions.length === 1 ? 0 : outputIndex];
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
