import type { Facts, OutputPlan, ScoringAnswer, Size, WeightsManifest } from '@atelier/contracts';
import {
  checkDenoiseRequest,
  checkSize,
  checkTensor,
  type DenoiseHooks,
  type DenoiseOutcome,
  type DenoiseRequest,
  type EngineDescription,
  type Inference,
  InferenceInputError,
  latentShape,
  type RgbImage,
  stepSchedule,
  type Tensor,
} from '@atelier/ports';
import { FAKE_MANIFEST } from './fake-manifest.js';
import { fnv1a, uniformValues } from './pseudo-random.js';

export interface FakeInferenceOptions {
  readonly manifest?: Partial<WeightsManifest>;
  /** Runs at the start of every step; a spec moves its clock or throws here. */
  readonly beforeStep?: (step: number) => void | Promise<void>;
}

const GREY = 128;
const CONTRAST = 96;

/**
 * A stand-in without a network, for unit tests only: the flow runs from seeded noise to a pattern that depends on the
 * captions, so that pictures differ by caption and seed and everything the port promises holds in microseconds.
 */
export class FakeInference implements Inference {
  readonly calls = { denoise: 0, decode: 0, encode: 0, encodeReference: 0, score: 0 };
  private readonly description: EngineDescription;
  private closed = false;

  constructor(private readonly options: FakeInferenceOptions = {}) {
    const manifest = { ...FAKE_MANIFEST, ...options.manifest };
    this.description = {
      manifest,
      engineFingerprint: `fake-${manifest.fingerprint.slice(0, 8)}`,
      precision: 'fp32',
      maxPixels: 64 * 64,
    };
  }

  describe(): EngineDescription {
    return this.description;
  }

  async denoise(request: DenoiseRequest, hooks: DenoiseHooks = {}): Promise<DenoiseOutcome> {
    this.calls.denoise += 1;
    this.assertOpen();
    checkDenoiseRequest(request, this.description);
    this.checkCaptions(request.plans);
    const times = stepSchedule(this.description.manifest, request.steps);
    const targets = request.plans.map((plan, output) => this.target(request, plan, output));
    let latents = request.resume?.latents ?? targets.map(({ shape }, output) => noise(shape, request.seed, output));
    const firstStep = request.resume?.step ?? 0;
    for (let step = firstStep; step < request.steps; step++) {
      await this.options.beforeStep?.(step + 1);
      await new Promise((resolve) => setImmediate(resolve));
      if (hooks.signal?.aborted) throw new DOMException('the denoise was aborted', 'AbortError');
      const [t, next] = [times[step] as number, times[step + 1] as number];
      const predictedClean = latents.map((tensor, output) => predictClean(tensor, targets[output] as Tensor));
      latents = latents.map((tensor, output) => flowStep(tensor, predictedClean[output] as Tensor, t, next));
      await hooks.onStep?.({
        step: step + 1,
        steps: request.steps,
        state: { step: step + 1, engineFingerprint: this.description.engineFingerprint, latents },
        predictedClean,
      });
    }
    return { latents, stepsRun: request.steps - firstStep };
  }

  async decode(latents: Tensor, size: Size): Promise<RgbImage> {
    this.calls.decode += 1;
    this.assertOpen();
    checkSize(size, this.description.manifest);
    checkTensor('latents', latents, latentShape(size, this.description.manifest));
    return { ...size, rgb: paint(latents, size, this.description.manifest.latent.downsampling) };
  }

  async encode(image: RgbImage): Promise<Tensor> {
    this.calls.encode += 1;
    this.assertOpen();
    checkSize(image, this.description.manifest);
    if (image.rgb.length !== image.widthPx * image.heightPx * 3) throw new InferenceInputError('image: torn pixels');
    return average(image, latentShape(image, this.description.manifest));
  }

  async encodeReference(latents: Tensor): Promise<Tensor> {
    this.calls.encodeReference += 1;
    this.assertOpen();
    const { layers, heads, headDim } = this.description.manifest.network;
    const shape = [layers, 2, heads, latents.data.length / 4, headDim];
    const values = uniformValues(
      fnv1a(latents.data.join()),
      shape.reduce((a, b) => a * b, 1),
    );
    return { shape, data: values };
  }

  async score(image: RgbImage, facts: Facts): Promise<ScoringAnswer[]> {
    this.calls.score += 1;
    this.assertOpen();
    const picture = fnv1a(image.rgb.join());
    const answer = (kind: 'present' | 'absent', concept: string): ScoringAnswer => {
      const confidence = (fnv1a(`${picture}/${kind}/${concept}`) % 1_000) / 999;
      return { outputIndex: 0, kind, question: `${kind}: ${concept}?`, holds: confidence >= 0.5, confidence };
    };
    return [
      ...facts.objects.map(({ concept }) => answer('present', concept)),
      ...facts.absent.map((concept) => answer('absent', concept)),
    ];
  }

  countTokens(caption: string): number {
    return caption.split(/\s+/).filter(Boolean).length;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private target({ guidance, references, size }: DenoiseRequest, plan: OutputPlan, output: number): Tensor {
    const shape = latentShape(size, this.description.manifest);
    const words = [plan.caption, output, ...references.map(({ kv, role }) => `${role}/${kv.data.join()}`)].join('|');
    const data = uniformValues(fnv1a(words), shape[0] * shape[1] * shape[2]);
    return { shape, data: data.map((value) => (value * (1 + guidance)) / 2) };
  }

  private checkCaptions(plans: readonly OutputPlan[]): void {
    const tokens = plans.reduce((sum, { caption }) => sum + this.countTokens(caption), 0);
    const limit = this.description.manifest.limits.maxTextTokens;
    if (tokens > limit) throw new InferenceInputError(`plans: ${tokens} text tokens, the limit is ${limit}`);
  }

  private assertOpen(): void {
    if (this.closed) throw new Error('the engine is closed');
  }
}

function noise(shape: readonly number[], seed: number, output: number): Tensor {
  const length = shape.reduce((product, axis) => product * axis, 1);
  return { shape, data: uniformValues(fnv1a(`${seed}/${output}`), length) };
}

/** Mostly the target, a little of what is there: the result depends on the whole way, as a network's does. */
const predictClean = (z: Tensor, target: Tensor): Tensor => ({
  shape: z.shape,
  data: z.data.map((value, index) => 0.75 * (target.data[index] as number) + 0.25 * Math.tanh(value)),
});

/** Velocity of the straight flow z = (1 - t) x + t n towards the clean latents, followed from t to next. */
function flowStep(z: Tensor, clean: Tensor, t: number, next: number): Tensor {
  const moved = z.data.map((value, index) => value + ((next - t) * (value - (clean.data[index] as number))) / t);
  return { shape: z.shape, data: moved };
}

/** The first three channels of a cell become the colour of its square. */
function paint(latents: Tensor, { widthPx, heightPx }: Size, cellPx: number): Uint8Array {
  const [, columns = 1, channels = 1] = latents.shape;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const cell = (Math.floor(y / cellPx) * columns + Math.floor(x / cellPx)) * channels;
      for (let c = 0; c < 3; c++) {
        const level = GREY + CONTRAST * (latents.data[cell + c] as number);
        rgb[(y * widthPx + x) * 3 + c] = Math.min(255, Math.max(0, Math.round(level)));
      }
    }
  }
  return rgb;
}

function average(image: RgbImage, [rows, columns, channels]: [number, number, number]): Tensor {
  const data = new Float32Array(rows * columns * channels);
  const [cellHeight, cellWidth] = [image.heightPx / rows, image.widthPx / columns];
  for (let y = 0; y < image.heightPx; y++) {
    for (let x = 0; x < image.widthPx; x++) {
      const cell = (Math.floor(y / cellHeight) * columns + Math.floor(x / cellWidth)) * channels;
      for (let c = 0; c < 3; c++) {
        const level = image.rgb[(y * image.widthPx + x) * 3 + c] as number;
        data[cell + c] = (data[cell + c] as number) + (level - GREY) / CONTRAST / (cellHeight * cellWidth);
      }
    }
  }
  return { shape: [rows, columns, channels], data };
}
