import type { WeightsManifest } from '@atelier/contracts';

/** What a task reads and draws, whatever the weights. */
export interface TaskShape {
  /** Roles of its pictures in order; the k-th picture may have the roles of the k-th entry, the first being the usual one. */
  readonly roles: readonly (readonly string[])[];
  /** Pictures without which the task cannot be done. */
  readonly minReferences: number;
  readonly minOutputs: number;
  readonly maxOutputs: number;
}

const task = (roles: readonly (readonly string[])[], minReferences = roles.length): TaskShape => ({
  roles,
  minReferences,
  minOutputs: 1,
  maxOutputs: 1,
});

const ONE_SCENE = task([['scene']]);
const FROM_TEXT = task([]);

/** A storyboard of one picture is an ordinary drawing; the upper bound is the weights'. */
const STORYBOARD: TaskShape = { roles: [], minReferences: 0, minOutputs: 2, maxOutputs: Number.POSITIVE_INFINITY };

const SHAPES: ReadonlyMap<string, TaskShape> = new Map([
  ['text-to-image', FROM_TEXT],
  ['text', FROM_TEXT],
  ['knowledge', FROM_TEXT],
  ['storyboard', STORYBOARD],
  ['recolour', ONE_SCENE],
  ['add', ONE_SCENE],
  ['remove', ONE_SCENE],
  ['replace', ONE_SCENE],
  ['move', ONE_SCENE],
  ['background', ONE_SCENE],
  ['style', task([['scene'], ['style']], 1)],
  ['identity', task([['subject']])],
  // Two or three subjects; the ground may be shown by the last picture.
  ['compose', task([['subject'], ['subject'], ['subject', 'background'], ['background']], 2)],
  ['edges', task([['edges']])],
  ['depth', task([['depth']])],
  ['sketch', task([['sketch']])],
  ['pose', task([['pose']])],
  ['mask', task([['mask']])],
]);

/** Null for a task that this version does not know: then only the limits of the weights hold. */
export const taskShape = (name: string): TaskShape | null => SHAPES.get(name) ?? null;

/** What these weights take of a task: its shape within their limits. */
export function taskLimits(
  name: string,
  limits: Pick<WeightsManifest['limits'], 'maxReferences' | 'maxOutputs'>,
): { readonly references: Range; readonly outputs: Range; readonly roles: string[] } | null {
  const shape = taskShape(name);
  if (!shape) return null;
  const roles = shape.roles.slice(0, limits.maxReferences);
  return {
    references: { min: shape.minReferences, max: roles.length },
    outputs: { min: shape.minOutputs, max: Math.min(shape.maxOutputs, Math.max(limits.maxOutputs, 1)) },
    roles: [...new Set(roles.flat())],
  };
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The roles of so many pictures where the caller names none. Beyond what the task takes they repeat its last one. */
export function usualRoles(name: string, count: number): string[] {
  const roles = taskShape(name)?.roles ?? [];
  return Array.from({ length: count }, (_, index) => roles[index]?.[0] ?? roles.at(-1)?.[0] ?? 'scene');
}

/** What is wrong with pictures of these roles for this task, as a sentence; null where nothing is. */
export function referenceProblem(
  name: string,
  roles: readonly string[],
  limits: Pick<WeightsManifest['limits'], 'maxReferences' | 'maxOutputs'>,
): string | null {
  const shape = taskShape(name);
  const range = taskLimits(name, limits)?.references;
  if (!shape || !range) return null;
  if (roles.length < range.min || roles.length > range.max) {
    return `The task "${name}" takes ${countText(range)}; ${roles.length === 0 ? 'none was' : `${roles.length} were`} given.`;
  }
  const wrong = roles.findIndex((role, index) => !shape.roles[index]?.includes(role));
  if (wrong === -1) return null;
  const allowed = shape.roles[wrong]?.join('" or "') ?? '';
  return `Picture ${wrong + 1} of the task "${name}" must be "${allowed}", not "${roles[wrong]}".`;
}

/** What is wrong with so many jointly drawn pictures for this task; null where nothing is. */
export function outputProblem(
  name: string,
  outputs: number,
  limits: Pick<WeightsManifest['limits'], 'maxReferences' | 'maxOutputs'>,
): string | null {
  const range = taskLimits(name, limits)?.outputs;
  if (!range || (outputs >= range.min && outputs <= range.max)) return null;
  if (range.max === 1) return `The task "${name}" draws one picture at a time; "n" draws several independent ones.`;
  return `The task "${name}" draws ${range.min} to ${range.max} pictures jointly, not ${outputs}.`;
}

function countText({ min, max }: Range): string {
  if (max === 0) return 'no pictures';
  if (min === max) return min === 1 ? 'one picture' : `${min} pictures`;
  return `${min} to ${max} pictures`;
}
