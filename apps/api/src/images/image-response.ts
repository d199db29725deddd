import type { DecodingResult, DenoisingInput, ImageDatum, ImageResponse, ScoringResult } from '@atelier/contracts';
import { candidatePlans, sizeText } from '@atelier/domain';
import type { GenerationAggregate, Sample } from '@atelier/ports';
import { timingsOf } from '../jobs/job-view.js';

export interface ImageResponseOptions {
  readonly requestId: string;
  readonly countTokens: (text: string) => number;
  readonly linkOf: (blobKey: string) => string;
  /** Present when the caller wants bytes in the body instead of links. */
  readonly bytesOf?: (blobKey: string) => Promise<Uint8Array>;
}

/** A finished generation in the shape of OpenAI's image answer; outputs of the chosen candidates, sample by sample. */
export async function imageResponseOf(
  aggregate: GenerationAggregate,
  options: ImageResponseOptions,
): Promise<ImageResponse> {
  const { generation } = aggregate;
  const { request } = generation;
  const data: ImageDatum[] = [];
  for (const sample of generation.samples) data.push(...(await imagesOfSample(sample, aggregate, options)));
  const inputTokens = request.prompts.reduce((sum, prompt) => sum + options.countTokens(prompt), 0);
  // OpenAI counts output tokens of a picture by its area; one token per 16 x 16 pixels keeps that meaning.
  const outputTokens = data.reduce((sum, { width, height }) => sum + pictureTokens(width, height), 0);
  const imageTokens = request.references.length * pictureTokens(request.size.widthPx, request.size.heightPx);
  return {
    created: Math.floor(generation.createdAt / 1000),
    data,
    size: sizeText(request.size),
    output_format: request.outputFormat,
    background: request.background === 'auto' ? 'opaque' : request.background,
    quality: 'auto',
    usage: {
      input_tokens: inputTokens + imageTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + imageTokens + outputTokens,
      input_tokens_details: { text_tokens: inputTokens, image_tokens: imageTokens },
    },
    job: generation.id,
    model: request.model,
    task: request.task,
    ...(request.references.some(({ preparation }) => preparation?.kind === 'hole')
      ? { outside_mask: request.outputFormat === 'png' ? ('exact' as const) : ('lossy' as const) }
      : {}),
    request_id: options.requestId,
    timings: timingsOf(aggregate),
    warnings: [...generation.warnings],
    failures: generation.samples
      .filter((sample) => sample.state !== 'succeeded')
      .map((sample) => ({
        sample: sample.index,
        code: sample.error?.code ?? 'job_canceled',
        message: sample.error?.message ?? 'The sample was not drawn.',
      })),
  };
}

const pictureTokens = (widthPx: number, heightPx: number): number => Math.ceil((widthPx * heightPx) / 256);

/** Of several jointly drawn pictures each is judged by its own questions. */
function judgedOutput(
  scoring: ScoringResult | undefined,
  output: number,
  outputs: number,
): Pick<ImageDatum, 'score' | 'answers'> {
  const answers = (scoring?.answers ?? []).filter(({ outputIndex }) => outputIndex === output);
  if (outputs === 1) return { score: scoring?.score ?? null, answers };
  const sum = answers.reduce((total, { confidence }) => total + confidence, 0);
  return { score: answers.length > 0 ? sum / answers.length : null, answers };
}

async function imagesOfSample(
  sample: Sample,
  { generation, runs }: GenerationAggregate,
  options: ImageResponseOptions,
): Promise<ImageDatum[]> {
  if (sample.state !== 'succeeded' || sample.chosenCandidate === null) return [];
  const own = runs.filter(
    (run) =>
      run.sampleIndex === sample.index && run.candidateIndex === sample.chosenCandidate && run.state === 'completed',
  );
  const denoising = own.find((run) => run.stage === 'denoising')?.input as DenoisingInput | undefined;
  const scoring = own.find((run) => run.stage === 'scoring')?.result as ScoringResult | undefined;
  const plans = generation.expansion ? candidatePlans(generation.expansion, sample.index, sample.chosenCandidate) : [];
  const images = own
    .filter((run) => run.stage === 'decoding')
    .map((run) => run.result as DecodingResult)
    .sort((a, b) => a.outputIndex - b.outputIndex);
  return Promise.all(
    images.map(async ({ image, outputIndex, widthPx, heightPx }) => ({
      ...(options.bytesOf
        ? { b64_json: Buffer.from(await options.bytesOf(image.key)).toString('base64') }
        : { url: options.linkOf(image.key) }),
      revised_prompt: plans[outputIndex]?.caption ?? '',
      seed: denoising?.seed ?? generation.request.seed,
      ...(images.length > 1 ? { output: outputIndex, sample: sample.index } : {}),
      width: widthPx,
      height: heightPx,
      ...judgedOutput(scoring, outputIndex, images.length),
    })),
  );
}
