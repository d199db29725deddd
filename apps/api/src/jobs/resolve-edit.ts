import type {
  Box,
  GenerationRequest,
  Reference,
  ReferencePreparation,
  Size,
  WeightsManifest,
} from '@atelier/contracts';
import {
  boxInCrop,
  chooseSize,
  referenceProblem,
  sameSize,
  sizeText,
  trainedEditTasks,
  usualRoles,
} from '@atelier/domain';
import { ApiError } from '../http/api-error.js';
import type { UploadedImage } from '../images/uploaded-images.js';
import type { EditSource } from './edit-source.js';
import { resolveSize } from './resolve-size.js';
import type { Warnings } from './warnings.js';

/** A reference whose picture is not stored yet. */
export interface PlannedReference extends Pick<Reference, 'role' | 'weight'> {
  /** `mask` stands for the edit's mask. */
  readonly preparation?:
    | { readonly kind: 'edges' | 'sketch' }
    | { readonly kind: 'hole'; readonly from: 'mask' }
    | { readonly kind: 'hole'; readonly from: 'box'; readonly box: Box };
}

export interface ResolvedEdit extends Pick<GenerationRequest, 'task' | 'size' | 'editBox'> {
  readonly references: readonly PlannedReference[];
}

export interface EditWishes {
  readonly task: string | undefined;
  readonly size: string;
  /** Which of these tasks the sentence asks for, where a reader of sentences is at hand; null where it cannot tell. */
  readonly taskOfPrompt: (tasks: readonly string[]) => string | null;
}

/** Tasks that follow a map; of these two the map can be made of an ordinary picture. */
const MADE_OF_PICTURES: ReadonlySet<string> = new Set(['edges', 'sketch']);

/** What an edit asks of the weights: its task, the role of each picture, the size it is drawn at and where it acts. */
export function resolveEdit(
  wishes: EditWishes,
  edit: EditSource,
  manifest: WeightsManifest,
  warnings: Warnings,
): ResolvedEdit {
  const task = resolveTask(wishes, edit, manifest);
  const roles = edit.roles ?? usualRoles(task, edit.images.length);
  const problem = referenceProblem(task, roles, manifest.limits);
  if (problem) throw new ApiError('invalid_parameter', { param: 'image', message: problem });
  const size = resolveEditSize(wishes.size, edit.images, manifest, warnings);
  const editBox = resolveBox(edit, size);
  const preparation = preparationOf(task, edit, editBox);
  return {
    task,
    size,
    ...(editBox ? { editBox } : {}),
    references: roles.map((role) => ({ role, weight: 1, ...(preparation ? { preparation } : {}) })),
  };
}

/** The named task, else the mask's, else the only one there is, else what the sentence asks for. */
function resolveTask(
  { task, taskOfPrompt }: EditWishes,
  { mask, images, roles }: EditSource,
  manifest: WeightsManifest,
): string {
  const trained = trainedEditTasks(manifest);
  if (task !== undefined) {
    if (trained.includes(task)) return task;
    throw untrained(`the task "${task}"`, 'task', manifest, trained);
  }
  if (trained.length === 0) throw untrained('edits', 'image', manifest, trained);
  if (mask) {
    if (trained.includes('mask')) return 'mask';
    const message = `These weights were not trained to fill what a mask leaves open; with a "task" (${trained.join(', ')}) the mask says where.`;
    throw new ApiError('unsupported_feature', { param: 'mask', message });
  }
  const [only, ...others] = trained;
  if (only !== undefined && others.length === 0) return only;
  const fitting = trained.filter(
    (name) => referenceProblem(name, roles ?? usualRoles(name, images.length), manifest.limits) === null,
  );
  const read = taskOfPrompt(fitting);
  if (read !== null) return read;
  // Several pictures are put together unless the sentence says what else is to be done with them.
  if (images.length > 1 && fitting.includes('compose')) return 'compose';
  const message = `"task" is required: the prompt does not tell which of ${trained.join(', ')} it is.`;
  throw new ApiError('missing_parameter', { param: 'task', message });
}

function untrained(wish: string, param: string, manifest: WeightsManifest, edits: readonly string[]): ApiError {
  const all = manifest.tasks.filter((task) => task.trained).map(({ name }) => name);
  const known = edits.length > 0 ? `of edits they know: ${edits.join(', ')}` : `they know: ${all.join(', ')}`;
  const message = `The weights "${manifest.name}" were not trained for ${wish}; ${known}.`;
  return new ApiError('unsupported_task', { param, message });
}

/** The size asked for, else the one nearest to the first picture's own; every picture is read at this size. */
function resolveEditSize(
  text: string,
  images: readonly UploadedImage[],
  manifest: WeightsManifest,
  warnings: Warnings,
): Size {
  const [first] = images;
  const size = text === 'auto' && first ? chooseSize(first, manifest).size : resolveSize(text, manifest, warnings);
  for (const [index, picture] of images.entries()) {
    if (sameSize(picture, size)) continue;
    const cropped = picture.widthPx * size.heightPx === picture.heightPx * size.widthPx ? '' : ' and cut to its shape';
    const which = images.length === 1 ? 'The picture' : `Picture ${index + 1}`;
    const message = `${which} has ${sizeText(picture)} pixels; it was brought to ${sizeText(size)}${cropped}.`;
    warnings.add('picture_resized', 'unsupported_size', 'image', message);
  }
  return size;
}

/** Where the edit acts, in what is drawn: the box that was named, else the mask's. */
function resolveBox({ images, editBox, mask }: EditSource, size: Size): Box | null {
  const box = editBox ?? mask?.box;
  if (!box) return null;
  const left = boxInCrop(box, images[0] as UploadedImage, size);
  if (left) return left;
  const param = editBox ? 'edit_box' : 'mask';
  throw new ApiError('invalid_parameter', { param, message: `"${param}" lies in a part that was cut off.` });
}

function preparationOf(task: string, edit: EditSource, editBox: Box | null): PlannedReference['preparation'] {
  if (task === 'mask') {
    if (edit.mask) return { kind: 'hole', from: 'mask' };
    if (editBox) return { kind: 'hole', from: 'box', box: editBox };
    const message = 'The task "mask" needs "mask" (a PNG, transparent where it may change) or "edit_box".';
    throw new ApiError('missing_parameter', { param: 'mask', message });
  }
  if (edit.controlFrom !== 'picture') return undefined;
  if (MADE_OF_PICTURES.has(task)) return { kind: task as 'edges' | 'sketch' };
  const message = `"control_from" is for the tasks ${[...MADE_OF_PICTURES].join(' and ')}, not for "${task}".`;
  throw new ApiError('unsupported_feature', { param: 'control_from', message });
}

/** The preparation of a stored reference. */
export function storedPreparation(
  planned: PlannedReference['preparation'],
  mask: Reference['blob'] | undefined,
): ReferencePreparation | undefined {
  if (planned?.kind !== 'hole') return planned;
  if (planned.from === 'box') return { kind: 'hole', box: planned.box };
  return mask && { kind: 'hole', mask };
}
