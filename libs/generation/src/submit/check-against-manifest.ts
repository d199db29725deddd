import type { GenerationRequest, WeightsManifest } from '@atelier/contracts';
import { isSupportedSize, pixelsOf, sizeText } from '@atelier/domain';
import {
  InvalidParameterError,
  ModelNotFoundError,
  UnsupportedFeatureError,
  UnsupportedSizeError,
  UnsupportedTaskError,
} from '../errors.js';

/** Refuses what the loaded weights cannot do, by their manifest and nothing else. The vocabulary is prompt expansion's. */
export function checkAgainstManifest(request: GenerationRequest, manifest: WeightsManifest, maxPixels: number): void {
  if (request.model !== manifest.name) throw new ModelNotFoundError(request.model);
  if (request.profile !== manifest.profile) {
    throw new InvalidParameterError(
      `The model "${manifest.name}" has the profile "${manifest.profile}", not "${request.profile}".`,
      'profile',
    );
  }
  checkTask(request, manifest);
  if (!isSupportedSize(request.size, manifest) || pixelsOf(request.size) > maxPixels) {
    throw new UnsupportedSizeError(
      manifest.sizes.filter((size) => pixelsOf(size) <= maxPixels).map((size) => sizeText(size)),
    );
  }
  checkLimits(request, manifest);
  checkFeatures(request);
}

function checkTask({ task }: GenerationRequest, { tasks }: WeightsManifest): void {
  const trained = tasks.filter((one) => one.trained).map((one) => one.name);
  if (!trained.includes(task)) throw new UnsupportedTaskError(task, trained);
}

function checkLimits(request: GenerationRequest, { limits, steps }: WeightsManifest): void {
  if (request.outputs > limits.maxOutputs) {
    throw new InvalidParameterError(`This model draws at most ${limits.maxOutputs} outputs jointly.`, 'outputs');
  }
  if (request.prompts.length !== 1 && request.prompts.length !== request.outputs) {
    throw new InvalidParameterError('There must be one prompt, or one for each output.', 'prompt');
  }
  if (request.references.length > limits.maxReferences) {
    throw limits.maxReferences === 0
      ? new UnsupportedFeatureError('This model takes no reference pictures.', 'references')
      : new InvalidParameterError(`This model takes at most ${limits.maxReferences} references.`, 'references');
  }
  const maxSteps = Math.min(steps.max, limits.maxSteps);
  if (request.steps < steps.min || request.steps > maxSteps) {
    throw new InvalidParameterError(`This model draws in ${steps.min} to ${maxSteps} steps.`, 'steps');
  }
}

function checkFeatures(request: GenerationRequest): void {
  if (request.background === 'transparent') {
    throw new UnsupportedFeatureError('A transparent background is not supported by this model.', 'background');
  }
  if (request.callback) throw new UnsupportedFeatureError('Callbacks are not supported yet.', 'callback');
  if (typeof request.expandPrompt === 'number' && request.expandPrompt > 0) {
    throw new UnsupportedFeatureError(
      'This model expands prompts by rules: it has no thinking budget.',
      'expand_prompt',
    );
  }
}
