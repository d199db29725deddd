import {
  type BlobRef,
  type DenoisingInput,
  type DenoisingResult,
  SAFETENSORS_CONTENT_TYPE,
  SafetensorsError,
} from '@atelier/contracts';
import {
  BlobNotFoundError,
  type BlobStore,
  type Clock,
  type CrashPoints,
  type DenoiseHooks,
  type DenoiseState,
  type Inference,
  InferenceInputError,
  NO_CRASH_POINTS,
  type ReferenceCache,
  type RgbImage,
} from '@atelier/ports';
import type { StageContext, StagePolicy } from '@atelier/stage-runner';
import { decodeCheckpoint, encodeCheckpoint, encodeLatents } from './checkpoint.js';
import { CheckpointRule } from './checkpoint-rule.js';
import { encodePreview, PREVIEW_CONTENT_TYPE, PreviewRule, type PreviewRuleOptions } from './preview.js';
import { referenceKv } from './reference-kv.js';

export interface DenoisingPolicyOptions {
  readonly inference: Inference;
  readonly blobs: BlobStore;
  readonly cache: ReferenceCache;
  readonly clock: Clock;
  readonly crashPoints?: CrashPoints;
  readonly previews?: PreviewRuleOptions;
  /** How long latents, checkpoints and previews are kept. @default 24 h */
  readonly intermediateTtlMs?: number;
}

const DAY_MS = 86_400_000;

/** Draws the latents of one candidate: K/V of the references, denoise with checkpoints and previews, one blob out. */
export function createDenoisingPolicy(options: DenoisingPolicyOptions): StagePolicy<'denoising'> {
  return { stage: 'denoising', execute: (input, context) => new Denoising(input, context, options).run() };
}

type StepProgress = Parameters<NonNullable<DenoiseHooks['onStep']>>[0];

class Denoising {
  private readonly checkpoints: CheckpointRule;
  private readonly previews: PreviewRule;
  private readonly crashPoints: CrashPoints;
  private stepStartedMs = 0;

  constructor(
    private readonly input: DenoisingInput,
    private readonly context: StageContext,
    private readonly options: DenoisingPolicyOptions,
  ) {
    const { manifest } = options.inference.describe();
    const scale = pixels(input.size) / pixels(manifest.defaultSize);
    this.checkpoints = new CheckpointRule(manifest.costModel.stepMs * scale * input.plans.length);
    this.previews = new PreviewRule(manifest.costModel.decodeMs * scale * input.plans.length, options.previews);
    this.crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
  }

  async run(): Promise<DenoisingResult> {
    const { inference } = this.options;
    const { input, context } = this;
    this.checkPrecision();
    const resume = await this.loadCheckpoint();
    await context.progress({ step: resume?.step ?? 0, steps: input.steps });
    const references = await this.referenceKvs();
    this.stepStartedMs = this.options.clock.monotonicMs();
    const { latents, stepsRun } = await inference.denoise(
      {
        task: input.task,
        plans: input.plans,
        references,
        size: input.size,
        seed: input.seed,
        steps: input.steps,
        guidance: input.guidance,
        ...(resume ? { resume } : {}),
      },
      { signal: context.signal, onStep: (progress) => this.afterStep(progress) },
    );
    const { engineFingerprint } = inference.describe();
    const blob = await this.put('latents.safetensors', encodeLatents(latents, { engineFingerprint }));
    this.crashPoints.reach('worker.after-blob');
    return {
      sampleIndex: input.sampleIndex,
      candidateIndex: input.candidateIndex,
      latents: blob,
      stepsRun,
      resumedFromStep: resume?.step ?? 0,
    };
  }

  private checkPrecision(): void {
    const { precision } = this.options.inference.describe();
    if (this.input.precision !== 'auto' && this.input.precision !== precision) {
      throw new InferenceInputError(`precision: this worker computes in ${precision}, not in ${this.input.precision}`);
    }
  }

  /** Null where there is nothing to continue from, or only something that would draw another picture. */
  private async loadCheckpoint(): Promise<DenoiseState | null> {
    const { resume } = this.input;
    if (!resume) return null;
    try {
      const state = decodeCheckpoint(await this.options.blobs.get(resume.checkpoint.key));
      const { engineFingerprint } = this.options.inference.describe();
      return state.step === resume.step && state.engineFingerprint === engineFingerprint ? state : null;
    } catch (error) {
      if (error instanceof BlobNotFoundError || error instanceof SafetensorsError) return null;
      throw error;
    }
  }

  private referenceKvs() {
    const { references } = this.input;
    return Promise.all(
      references.map(async (reference) => ({
        kv: await referenceKv(this.context.tenantId, reference, this.options),
        role: reference.role,
        weight: reference.weight,
      })),
    );
  }

  private async afterStep(progress: StepProgress): Promise<void> {
    const { clock } = this.options;
    const { step, steps } = progress;
    const stepMs = clock.monotonicMs() - this.stepStartedMs;
    const checkpoint = this.checkpoints.isDue(step, steps, stepMs)
      ? { step, checkpoint: await this.put(`checkpoint-${step}.safetensors`, encodeCheckpoint(progress.state)) }
      : null;
    const preview = this.previews.isDue(step, steps, stepMs) ? await this.drawPreview(progress) : null;
    await this.context.progress({
      step,
      steps,
      ...(preview ? { preview } : {}),
      ...(checkpoint ? { checkpoint } : {}),
    });
    this.crashPoints.reach('denoising.after-step');
    this.stepStartedMs = clock.monotonicMs();
  }

  /** The outputs as they would look if the network were right already. */
  private async drawPreview({ step, predictedClean }: StepProgress): Promise<BlobRef | null> {
    const { inference, clock } = this.options;
    if (this.context.signal.aborted) return null;
    const startedMs = clock.monotonicMs();
    const frames: RgbImage[] = [];
    for (const latents of predictedClean) frames.push(await inference.decode(latents, this.input.size));
    const bytes = await encodePreview(frames);
    this.previews.measured(clock.monotonicMs() - startedMs);
    return this.put(`preview-${step}.webp`, bytes, PREVIEW_CONTENT_TYPE);
  }

  private put(name: string, bytes: Uint8Array, contentType = SAFETENSORS_CONTENT_TYPE): Promise<BlobRef> {
    const { blobs, clock, intermediateTtlMs = DAY_MS } = this.options;
    const expiresAt = clock.now() + intermediateTtlMs;
    return blobs.put(`${this.context.blobPrefix}/${name}`, bytes, { contentType, expiresAt });
  }
}

const pixels = ({ widthPx, heightPx }: DenoisingInput['size']): number => widthPx * heightPx;
