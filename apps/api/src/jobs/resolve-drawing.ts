import { type ImageGenerationBody, LIMITS, type WeightsManifest } from '@atelier/contracts';
import { outputProblem, storyboardFrames, trainedEditTasks } from '@atelier/domain';
import { ApiError } from '../http/api-error.js';

export interface ResolvedDrawing {
  readonly task: string;
  readonly prompts: string[];
  readonly outputs: number;
}

const STORYBOARD = 'storyboard';

/** What is drawn from text alone: one picture, or the pictures of a story. */
export function resolveDrawing(body: ImageGenerationBody, manifest: WeightsManifest): ResolvedDrawing {
  const task = resolveTask(body, manifest);
  const frames = body.frames ?? (task === STORYBOARD ? storyboardFrames(body.prompt) : [body.prompt]);
  const prompts = frames.length > 1 || body.frames ? frames : [body.prompt];
  const outputs = body.outputs ?? prompts.length;
  if (prompts.length > LIMITS.outputs) {
    const message = `A story has at most ${LIMITS.outputs} pictures, not ${prompts.length}.`;
    throw new ApiError('invalid_parameter', { param: 'prompt', message });
  }
  // An untrained task is refused as such, whatever it would draw.
  const isTrained = manifest.tasks.some(({ name, trained }) => name === task && trained);
  const problem = isTrained ? outputProblem(task, outputs, manifest.limits) : null;
  if (problem) {
    const hint =
      task === STORYBOARD && outputs === 1 ? ' Divide the prompt by ";" or "1.", "2.", or say "outputs".' : '';
    throw new ApiError('invalid_parameter', { param: 'outputs', message: `${problem}${hint}` });
  }
  if (prompts.length !== 1 && prompts.length !== outputs) {
    const message = `The prompt tells ${prompts.length} pictures, and "outputs" asks for ${outputs}.`;
    throw new ApiError('invalid_parameter', { param: 'outputs', message });
  }
  return { task, prompts, outputs };
}

/** By convention of the manifest the trained task with the lowest id; several joint pictures are a storyboard. */
function resolveTask({ task, frames, outputs }: ImageGenerationBody, manifest: WeightsManifest): string {
  const trained = manifest.tasks.filter((one) => one.trained).sort((a, b) => a.id - b.id);
  if (task) {
    if (!trainedEditTasks(manifest).includes(task)) return task;
    const message = `The task "${task}" starts from a picture: send it to /v1/images/edits.`;
    throw new ApiError('missing_parameter', { param: 'image', message });
  }
  const isStory = (frames?.length ?? 1) > 1 || (outputs ?? 1) > 1;
  if (isStory && trained.some(({ name }) => name === STORYBOARD)) return STORYBOARD;
  return trained[0]?.name ?? 'none';
}
