import type { DecodingInput, Facts, OutputPlan, ScoringAnswer, Size, WeightsManifest } from '@atelier/contracts';

/** A dense tensor. `data.length` is the product of `shape`; row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The engine that runs a model. It assumes nothing of our own network: sizes, latent shape, tasks, limits and step
 * schedules come from `describe()`. Semantics every adapter must prove:
 * - the same request on the same engine fingerprint gives the same bytes, also when resumed from any step;
 * - `signal` stops a denoise within one step (`AbortError`);
 * - invalid input is `InferenceInputError`, exhausted memory `InferenceMemoryError`: the retry policy tells them apart.
 */
export interface Inference {
  describe(): EngineDescription;
  denoise(request: DenoiseRequest, hooks?: DenoiseHooks): Promise<DenoiseOutcome>;
  /** latents [rows, columns, channels] -> RGB bytes, `widthPx * heightPx * 3`. */
  decode(latents: Tensor, size: Size): Promise<RgbImage>;
  /** RGB picture -> latents [rows, columns, channels]. */
  encode(image: RgbImage): Promise<Tensor>;
  /**
   * Latents [rows, columns, channels] of a reference -> K/V [layers, 2, heads, rows * columns, headDim], the same for
   * every task, prompt and slot: whoever has them need not see the picture again.
   */
  encodeReference(latents: Tensor): Promise<Tensor>;
  /** Answers one question per asked fact. Engines without a checker network answer an empty list. */
  score(image: RgbImage, facts: Facts): Promise<ScoringAnswer[]>;
  /** Number of text tokens of a caption, for limits and usage. */
  countTokens(caption: string): number;
  close(): Promise<void>;
}

export interface EngineDescription {
  readonly manifest: WeightsManifest;
  /** Weights fingerprint + runtime + precision + CPU or device class: equal fingerprints draw equal bytes. */
  readonly engineFingerprint: string;
  readonly precision: string;
  readonly maxPixels: number;
}

export interface RgbImage extends Size {
  readonly rgb: Uint8Array;
}

export interface DenoiseRequest {
  readonly task: string;
  readonly plans: readonly OutputPlan[];
  readonly references: readonly { readonly kv: Tensor; readonly role: string; readonly weight: number }[];
  readonly size: Size;
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  readonly resume?: DenoiseState;
}

/** Everything needed to continue after `step` steps, bit-exactly on the same engine fingerprint. */
export interface DenoiseState {
  readonly step: number;
  readonly engineFingerprint: string;
  /** One noisy latent [rows, columns, channels] per output. */
  readonly latents: readonly Tensor[];
}

export interface DenoiseHooks {
  readonly signal?: AbortSignal;
  /** Called after every step; the next step starts when it resolves. */
  onStep?(progress: {
    step: number;
    steps: number;
    state: DenoiseState;
    predictedClean: readonly Tensor[];
  }): Promise<void>;
}

export interface DenoiseOutcome {
  readonly latents: readonly Tensor[];
  readonly stepsRun: number;
}

export type { DecodingInput };

/** Thrown when the request can never succeed on this engine. */
export class InferenceInputError extends Error {
  override readonly name = 'InferenceInputError';
}

/** Thrown when memory ran out; a smaller plan may succeed. */
export class InferenceMemoryError extends Error {
  override readonly name = 'InferenceMemoryError';
}
