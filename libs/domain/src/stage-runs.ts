import type {
  BlobRef,
  DecodedImage,
  Facts,
  GenerationRequest,
  OutputPlan,
  PromptExpansionResult,
  ReferenceEncodingResult,
  Stage,
  StageInput,
  WeightsRef,
} from '@atelier/contracts';
import { candidateSeed } from './seeds.js';
import { sizeText } from './sizes.js';

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

interface SpecSource {
  readonly request: GenerationRequest;
  readonly weights: WeightsRef;
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
      bestOf: request.bestOf,
      ...(request.editBox === undefined ? {} : { editBox: request.editBox }),
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
 * What one candidate draws, output by output. Every candidate has a plan of its own, by its own seed: its picture then
 * depends on the request and that seed only, and is drawn again by it without knowledge of indices.
 */
export function candidatePlans(
  expansion: PromptExpansionResult,
  sampleIndex: number,
  candidateIndex: number,
): OutputPlan[] {
  const plans = expansion.candidatePlans?.[sampleIndex]?.[candidateIndex] ?? expansion.plans[sampleIndex];
  if (!plans) throw new RangeError(`the expansion has no plan for sample ${sampleIndex}`);
  return plans;
}

/** One candidate: all outputs of it are drawn jointly. */
export function denoisingSpec(
  { request }: SpecSource,
  expansion: PromptExpansionResult,
  encoded: readonly ReferenceEncodingResult[],
  sampleIndex: number,
  candidateIndex: number,
): RunSpec<'denoising'> {
  const plans = candidatePlans(expansion, sampleIndex, candidateIndex);
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

/** One output of a candidate. */
export function decodingSpec(
  { request, weights }: SpecSource,
  expansion: PromptExpansionResult,
  latents: BlobRef,
  sampleIndex: number,
  candidateIndex: number,
  outputIndex: number,
  encoded: readonly ReferenceEncodingResult[] = [],
): RunSpec<'decoding'> {
  const overlay = encoded.find(({ kept }) => kept)?.kept;
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
      ...(overlay ? { overlay } : {}),
      // No ids and no times: the same request draws the same bytes, whenever and as whatever job it runs.
      provenance: {
        model: weights.name,
        weights: weights.fingerprint,
        profile: weights.profile,
        task: request.task,
        prompt,
        caption: candidatePlans(expansion, sampleIndex, candidateIndex)[outputIndex]?.caption ?? '',
        seed: String(candidateSeed(request.seed, sampleIndex, candidateIndex)),
        steps: String(request.steps),
        guidance: String(request.guidance),
        size: sizeText(request.size),
      },
    },
  };
}

/** One candidate, all its outputs. */
export const scoringSpec = (
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
