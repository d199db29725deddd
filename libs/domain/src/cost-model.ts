import type { GenerationRequest, Stage, WeightsManifest } from '@atelier/contracts';
import { pixelsOf } from './sizes.js';

/** What the time of a stage run depends on. `pixels` counts all pictures that the run works on. */
export interface CostKey {
  readonly stage: Stage;
  readonly pixels: number;
  /** 0 for stages without steps. */
  readonly steps: number;
  /** Pixels of the references that every step looks at. @default 0 */
  readonly referencePixels?: number;
}

type Manifest = Pick<WeightsManifest, 'costModel' | 'defaultSize'> &
  Partial<Pick<WeightsManifest, 'network' | 'latent'>>;

/** Rules over text need no measurement at export; the correction learns the rest. */
const PROMPT_EXPANSION_MS = 5;

export function costKey(
  stage: Stage,
  request: Pick<GenerationRequest, 'size' | 'steps' | 'outputs'> & { readonly references?: readonly unknown[] },
): CostKey {
  const one = pixelsOf(request.size);
  switch (stage) {
    case 'prompt-expansion':
      return { stage, pixels: 0, steps: 0 };
    case 'reference-encoding':
    case 'decoding':
      return { stage, pixels: one, steps: 0 };
    case 'denoising':
      return {
        stage,
        pixels: one * request.outputs,
        steps: request.steps,
        ...(request.references?.length ? { referencePixels: one * request.references.length } : {}),
      };
    case 'scoring':
      return { stage, pixels: one * request.outputs, steps: 0 };
  }
}

/**
 * Milliseconds of a stage run by the figures measured at export, scaled by the number of pixels; a step by its tokens:
 * 24 d^2 operations for each token that is drawn and 4 d for each pair of one and a token that it looks at.
 */
export function manifestMs(key: CostKey, manifest: Manifest): number {
  const { prefixMs, stepMs, encodeMs, decodeMs, scoreMs } = manifest.costModel;
  const scale = key.pixels / pixelsOf(manifest.defaultSize);
  switch (key.stage) {
    case 'prompt-expansion':
      return PROMPT_EXPANSION_MS;
    case 'reference-encoding':
      return (encodeMs + prefixMs) * scale;
    case 'denoising':
      return prefixMs * scale + stepMs * key.steps * stepScale(key, manifest);
    case 'decoding':
      return decodeMs * scale;
    case 'scoring':
      return (scoreMs ?? decodeMs) * scale;
  }
}

/** How much more a step costs than one of a single picture of the default size without references. */
function stepScale(key: CostKey, { network, latent, defaultSize }: Manifest): number {
  const one = pixelsOf(defaultSize);
  if (!network || !latent) return key.pixels / one;
  const tokens = (pixels: number): number => pixels / latent.downsampling ** 2;
  const work = (drawn: number, referenced: number): number =>
    drawn * (24 * network.width ** 2 + 4 * network.width * (drawn + referenced));
  return work(tokens(key.pixels), tokens(key.referencePixels ?? 0)) / work(tokens(one), 0);
}

export interface CostModelOptions {
  /** Weight of a new measurement. @default 0.2 */
  readonly alpha?: number;
  /** Distinct keys kept; the oldest is forgotten first. @default 1024 */
  readonly maxKeys?: number;
}

/**
 * Predicts a stage run's milliseconds: the exponential mean of measured times of the same (stage, pixels, steps), else
 * the manifest's figure corrected by how far the stage has been off so far on other keys.
 */
export class CostModel {
  private readonly means = new Map<string, number>();
  private readonly stageRatios = new Map<Stage, number>();
  private readonly alpha: number;
  private readonly maxKeys: number;

  constructor(
    private readonly manifest: Manifest,
    options: CostModelOptions = {},
  ) {
    this.alpha = options.alpha ?? 0.2;
    this.maxKeys = options.maxKeys ?? 1_024;
  }

  /** At least 0.1 ms: a run that costs nothing would never count against a tenant. */
  predictMs(key: CostKey): number {
    const learned = this.means.get(textOf(key));
    const ms = learned ?? manifestMs(key, this.manifest) * (this.stageRatios.get(key.stage) ?? 1);
    return Math.max(ms, 0.1);
  }

  observe(key: CostKey, measuredMs: number): void {
    if (!Number.isFinite(measuredMs) || measuredMs < 0) return;
    const text = textOf(key);
    const mean = this.mean(this.means.get(text), measuredMs);
    this.means.delete(text);
    this.means.set(text, mean);
    if (this.means.size > this.maxKeys) this.means.delete(this.means.keys().next().value as string);
    const expectedMs = manifestMs(key, this.manifest);
    if (expectedMs > 0) {
      this.stageRatios.set(key.stage, this.mean(this.stageRatios.get(key.stage), measuredMs / expectedMs));
    }
  }

  private mean(before: number | undefined, value: number): number {
    return before === undefined ? value : before + this.alpha * (value - before);
  }
}

const textOf = ({ stage, pixels, steps, referencePixels = 0 }: CostKey): string =>
  `${stage}/${pixels}/${steps}/${referencePixels}`;
