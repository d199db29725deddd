import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Facts, ScoringAnswer, Size, WeightsManifest } from '@atelier/contracts';
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
  type Tensor,
} from '@atelier/ports';
import { answerFacts } from './checker-answers.js';
import { type CheckerOutputs, checkerConcepts, conceptNames, findDetections } from './checker-detections.js';
import { engineFingerprint } from './engine-fingerprint.js';
import { FlowDenoise } from './flow-denoise.js';
import { cellPositions } from './positions.js';
import { toTensor } from './prefix.js';
import { PromptTokenizer } from './prompt-tokenizer.js';
import { SessionHost } from './session-host.js';
import type { WireTensor } from './session-messages.js';
import { openWeightsFolder, WeightsError } from './weights-folder.js';

const NATIVE_PRECISION = 'fp32';

export interface OnnxInferenceOptions {
  /** Threads per graph. @default cores - 1, at least 1: the event loop keeps a core */
  readonly threads?: number;
  /**
   * Number format of the large products, one of the manifest's `precisions`; graphs without a file of their own for it
   * compute as they are. @default that of the weights, `fp32` if they name none
   */
  readonly precision?: string;
}

/** Inference on the CPU through ONNX Runtime, for any weights folder whose manifest follows the contract. */
export class OnnxInference implements Inference {
  private constructor(
    private readonly description: EngineDescription,
    private readonly tokenizer: PromptTokenizer,
    private readonly host: SessionHost,
  ) {}

  /**
   * Verifies the folder; graphs are loaded by the first call that needs them, or by `warmUp`.
   * @throws WeightsError
   */
  static async open(folder: string, options: OnnxInferenceOptions = {}): Promise<OnnxInference> {
    const threads = options.threads ?? Math.max(1, availableParallelism() - 1);
    const { manifest } = await openWeightsFolder(folder);
    const precision = options.precision ?? manifest.precision ?? NATIVE_PRECISION;
    const graphs = graphPaths(folder, manifest, precision);
    const description: EngineDescription = {
      manifest,
      precision,
      engineFingerprint: engineFingerprint({ weightsFingerprint: manifest.fingerprint, precision, threads }),
      maxPixels: Math.max(...manifest.sizes.map(({ widthPx, heightPx }) => widthPx * heightPx)),
    };
    const tokenizer = await PromptTokenizer.open(join(folder, manifest.tokenizer.file));
    return new OnnxInference(description, tokenizer, new SessionHost({ graphs, threads }));
  }

  describe(): EngineDescription {
    return this.description;
  }

  /** Loads the graphs of a drawing, so that the first one does not wait for them. */
  async warmUp(): Promise<void> {
    await Promise.all(['prefix', 'step', 'vaeDecoder'].map((graph) => this.host.load(graph)));
  }

  async denoise(request: DenoiseRequest, hooks: DenoiseHooks = {}): Promise<DenoiseOutcome> {
    checkDenoiseRequest(request, this.description);
    const parts = { engine: this.description, tokenizer: this.tokenizer, host: this.host };
    return new FlowDenoise(request, parts).run(hooks);
  }

  async decode(latents: Tensor, size: Size): Promise<RgbImage> {
    const { manifest } = this.description;
    checkSize(size, manifest);
    const shape = latentShape(size, manifest);
    checkTensor('latents', latents, shape);
    const rgb = await this.host.runToPixels('vaeDecoder', { latents: { dims: [1, ...shape], data: latents.data } });
    return { ...size, rgb };
  }

  async encode(image: RgbImage): Promise<Tensor> {
    const { manifest } = this.description;
    checkPicture(image, manifest);
    const { rgb, widthPx, heightPx } = image;
    const { latents } = await this.host.run('vaeEncoder', { pixels: { rgb, widthPx, heightPx } });
    return { shape: latentShape(image, manifest), data: (latents as WireTensor).data as Float32Array };
  }

  async encodeReference(latents: Tensor): Promise<Tensor> {
    const { graphs, latent } = this.description.manifest;
    if (!graphs.referenceEncoder) throw new InferenceInputError('references: these weights cannot read them');
    const [rows = 0, columns = 0] = latents.shape;
    checkTensor('references', latents, [rows, columns, latent.channels]);
    const tokens = rows * columns;
    const { kv } = await this.host.run('referenceEncoder', {
      latents: { dims: [1, tokens, latent.channels], data: latents.data },
      positions: { dims: [tokens, 3], data: cellPositions([0], rows, columns, latent.frameBins) },
    });
    return toTensor(kv as WireTensor);
  }

  async score(image: RgbImage, facts: Facts): Promise<ScoringAnswer[]> {
    const { manifest } = this.description;
    const { checker } = manifest.graphs;
    if (!checker) return [];
    checkPicture(image, manifest);
    const { rgb, widthPx, heightPx } = image;
    const outputs = await this.host.run('checker', { pixels: { rgb, widthPx, heightPx } });
    return answerFacts(facts, {
      detections: findDetections(outputs as unknown as CheckerOutputs, manifest),
      known: new Set(checkerConcepts(manifest)),
      names: conceptNames(manifest),
      threshold: checker.threshold ?? 0.5,
    });
  }

  countTokens(caption: string): number {
    return this.tokenizer.encode(caption).length;
  }

  close(): Promise<void> {
    return this.host.close();
  }
}

function checkPicture({ rgb, widthPx, heightPx }: RgbImage, manifest: WeightsManifest): void {
  checkSize({ widthPx, heightPx }, manifest);
  if (rgb.length !== widthPx * heightPx * 3) throw new InferenceInputError('image: it does not fill its size');
}

/** @throws WeightsError where the weights have no graph in this precision. */
function graphPaths(folder: string, manifest: WeightsManifest, precision: string): Record<string, string> {
  const { prefix, step, vaeDecoder, vaeEncoder, checker, referenceEncoder } = manifest.graphs;
  const native = manifest.precision ?? NATIVE_PRECISION;
  const offered = new Set([native, ...Object.keys(step.precisions ?? {})]);
  if (!offered.has(precision)) {
    throw new WeightsError(folder, `they compute in ${[...offered].join(', ')}, not in ${precision}`);
  }
  const named = { prefix, step, vaeDecoder, vaeEncoder, checker, referenceEncoder };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, graph]) =>
      graph ? [[name, join(folder, graph.precisions?.[precision]?.file ?? graph.file)]] : [],
    ),
  );
}
