import {
  type DenoiseHooks,
  type DenoiseOutcome,
  type DenoiseRequest,
  latentShape,
  stepSchedule,
  type Tensor,
} from '@atelier/ports';
import { gaussianNoise } from './gaussian-noise.js';
import { cellPositions } from './positions.js';
import { holdPrefixes, type PrefixParts } from './prefix.js';
import type { WireTensor } from './session-messages.js';

/**
 * One denoise: noise from the seed, K/V of the prefix once, then Euler steps z += (t_next - t) * v along the schedule.
 * The state between two steps is z alone, rounded to float32, so that a resumed denoise repeats every bit.
 */
export class FlowDenoise {
  private readonly shape: readonly [number, number, number];
  private readonly times: readonly number[];
  private readonly positions: Float32Array;
  private readonly taskId: number;

  constructor(
    private readonly request: DenoiseRequest,
    private readonly parts: PrefixParts,
  ) {
    const { manifest } = parts.engine;
    const [rows, columns] = latentShape(request.size, manifest);
    this.shape = latentShape(request.size, manifest);
    this.times = stepSchedule(manifest, request.steps);
    const outputIndices = request.plans.map((_, output) => output + 1);
    this.positions = cellPositions(outputIndices, rows, columns, manifest.latent.frameBins);
    this.taskId = manifest.tasks.find(({ name }) => name === request.task)?.id ?? 0;
  }

  async run({ signal, onStep }: DenoiseHooks): Promise<DenoiseOutcome> {
    throwIfAborted(signal);
    const prefixes = await holdPrefixes(this.request, this.taskId, this.parts);
    try {
      return await this.followFlow(prefixes, { ...(signal ? { signal } : {}), ...(onStep ? { onStep } : {}) });
    } finally {
      for (const held of prefixes) this.parts.host.release(held);
    }
  }

  private async followFlow(prefixes: readonly number[], { signal, onStep }: DenoiseHooks): Promise<DenoiseOutcome> {
    const { steps, resume } = this.request;
    const { engineFingerprint } = this.parts.engine;
    const firstStep = resume?.step ?? 0;
    let latents = resume ? joined(resume.latents) : this.noise();
    for (let step = firstStep; step < steps; step++) {
      throwIfAborted(signal);
      const [t, next] = [this.times[step] as number, this.times[step + 1] as number];
      const velocity = await this.velocity(latents, t, prefixes);
      throwIfAborted(signal);
      const predictedClean = addScaled(latents, velocity, -t);
      latents = addScaled(latents, velocity, next - t);
      const state = { step: step + 1, engineFingerprint, latents: this.split(latents) };
      await onStep?.({ step: step + 1, steps, state, predictedClean: this.split(predictedClean) });
    }
    return { latents: this.split(latents), stepsRun: steps - firstStep };
  }

  /** Velocity by the caption; with guidance g: v_null + g (v_caption - v_null). */
  private async velocity(latents: Float32Array, t: number, prefixes: readonly number[]): Promise<Float32Array> {
    const [byCaption, byNull] = await Promise.all(prefixes.map((held) => this.runStep(latents, t, held)));
    if (!byNull) return byCaption as Float32Array;
    const { guidance } = this.request;
    return byNull.map((value, index) => value + guidance * ((byCaption?.[index] as number) - value));
  }

  private async runStep(latents: Float32Array, t: number, prefix: number): Promise<Float32Array> {
    const channels = this.shape[2];
    const tokens = latents.length / channels;
    const { velocity } = await this.parts.host.run('step', {
      latents: { dims: [1, tokens, channels], data: latents },
      t: { dims: [1], data: Float32Array.of(t) },
      task_id: { dims: [1], data: BigInt64Array.of(BigInt(this.taskId)) },
      positions: { dims: [tokens, 3], data: this.positions },
      prefix_kv: { held: prefix },
    });
    return (velocity as WireTensor).data as Float32Array;
  }

  private noise(): Float32Array {
    const length = this.shape.reduce((product, axis) => product * axis, 1);
    const outputs = this.request.plans.map((_, output) => gaussianNoise(this.request.seed, output, length));
    return joined(outputs.map((data) => ({ shape: this.shape, data })));
  }

  /** One tensor per output; copies, so that nobody sees a later step in an earlier state. */
  private split(latents: Float32Array): Tensor[] {
    const length = latents.length / this.request.plans.length;
    return this.request.plans.map((_, output) => ({
      shape: this.shape,
      data: latents.slice(output * length, (output + 1) * length),
    }));
  }
}

function joined(tensors: readonly Tensor[]): Float32Array {
  const all = new Float32Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of tensors) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}

/** z + scale * v, computed in doubles and rounded to float32 once. */
const addScaled = (z: Float32Array, v: Float32Array, scale: number): Float32Array =>
  z.map((value, index) => value + scale * (v[index] as number));

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DOMException('the denoise was aborted', 'AbortError');
}
