import type { Size, WeightsManifest } from '@atelier/contracts';
import { type DenoiseRequest, type EngineDescription, InferenceInputError, type Tensor } from './inference.port.js';

/**
 * What every engine refuses before it works, whatever it runs on.
 * @throws InferenceInputError naming the field
 */
export function checkDenoiseRequest(request: DenoiseRequest, engine: EngineDescription): void {
  const { manifest } = engine;
  const task = manifest.tasks.find((candidate) => candidate.name === request.task);
  if (!task?.trained) throw new InferenceInputError(`task: these weights were not trained for ${request.task}`);
  checkSize(request.size, manifest);
  checkRange('plans', request.plans.length, 1, manifest.limits.maxOutputs);
  checkRange('references', request.references.length, 0, manifest.limits.maxReferences);
  checkRange('steps', request.steps, Math.max(1, manifest.steps.min), manifest.steps.max);
  checkRange('seed', request.seed, 0, 2 ** 32 - 1);
  if (!(request.guidance >= 0 && request.guidance <= 30)) throw new InferenceInputError('guidance: not within 0..30');
  if (request.plans.some((plan) => plan.caption.trim() === ''))
    throw new InferenceInputError('plans: an empty caption');
  if (request.resume) checkResume(request, engine);
}

export function checkSize(size: Size, manifest: WeightsManifest): void {
  const known = manifest.sizes.some(({ widthPx, heightPx }) => widthPx === size.widthPx && heightPx === size.heightPx);
  if (!known) throw new InferenceInputError(`size: ${size.widthPx}x${size.heightPx} is not among the manifest's sizes`);
}

/** Latent shape [rows, columns, channels] of a picture of this size. */
export function latentShape(size: Size, manifest: WeightsManifest): [number, number, number] {
  const { downsampling, channels } = manifest.latent;
  return [size.heightPx / downsampling, size.widthPx / downsampling, channels];
}

/** @throws InferenceInputError unless the tensor has exactly this shape and is finite everywhere */
export function checkTensor(name: string, tensor: Tensor, shape: readonly number[]): void {
  const fits = tensor.shape.length === shape.length && tensor.shape.every((length, axis) => length === shape[axis]);
  const elements = shape.reduce((product, length) => product * length, 1);
  if (!fits || tensor.data.length !== elements) {
    throw new InferenceInputError(`${name}: shape [${tensor.shape}] with ${tensor.data.length} values, not [${shape}]`);
  }
  if (!tensor.data.every(Number.isFinite)) throw new InferenceInputError(`${name}: a value is not finite`);
}

/**
 * Times t of a denoise, `steps + 1` entries from 1 (noise) to 0 (clean). A number of steps without a schedule in the
 * manifest is derived from the schedule with the nearest number of steps (the longer of two equally near): its
 * points are read as a piecewise linear curve over the fraction of steps done, and that curve is sampled anew.
 */
export function stepSchedule(manifest: Pick<WeightsManifest, 'schedules'>, steps: number): readonly number[] {
  const [nearest] = [...manifest.schedules].sort(
    (a, b) => Math.abs(a.steps - steps) - Math.abs(b.steps - steps) || b.steps - a.steps,
  );
  if (!nearest) throw new InferenceInputError('steps: the manifest holds no schedule');
  if (nearest.steps === steps) return nearest.t;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const position = (step * nearest.steps) / steps;
    const left = Math.min(Math.floor(position), nearest.steps - 1);
    const [from, to] = [nearest.t[left] as number, nearest.t[left + 1] as number];
    return from + (position - left) * (to - from);
  });
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InferenceInputError(`${name}: ${value} is not a whole number within ${min}..${max}`);
  }
}

function checkResume({ resume, steps, plans, size }: DenoiseRequest, engine: EngineDescription): void {
  if (!resume) return;
  if (resume.engineFingerprint !== engine.engineFingerprint) {
    throw new InferenceInputError('resume: the state comes from another engine, it would draw another picture');
  }
  checkRange('resume.step', resume.step, 1, steps);
  checkRange('resume.latents', resume.latents.length, plans.length, plans.length);
  const shape = latentShape(size, engine.manifest);
  for (const latents of resume.latents) checkTensor('resume.latents', latents, shape);
}
