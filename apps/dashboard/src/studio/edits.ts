import type { ImageEditBody, ModelInfo } from '@atelier/client-sdk';
import { wordsOf } from './examples.js';

/** Which part of a picture may change, or where a thing lies, in fractions of it. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A task as the Studio offers it. */
export interface EditTask {
  readonly name: string;
  readonly roles: readonly string[];
  readonly minPictures: number;
  readonly maxPictures: number;
  /** Whether an area can be marked, and whether it must be. */
  readonly area: 'none' | 'optional' | 'needed';
  /** The task follows outlines, which can be made of an ordinary picture. */
  readonly makesOutlines: boolean;
}

const AREA_TASKS: readonly string[] = ['recolour', 'add', 'remove', 'replace', 'move'];
const OUTLINE_TASKS: readonly string[] = ['edges', 'sketch'];

/** What the API reads; AVIF is left out because not every browser can show it back. */
export const EDIT_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
const EDIT_MAX_BYTES = 30_000_000;

/** A picture to change. `name` is the name of its file, or the prompt that it was drawn from. */
export interface EditSource {
  readonly image: Blob;
  readonly name: string;
}

/** The tasks with pictures that these weights have learned; empty where they draw from words only. */
export const trainedEdits = (model: Pick<ModelInfo, 'tasks'>): EditTask[] =>
  model.tasks.flatMap(({ name, trained, references, roles = [] }) => {
    if (!trained || !references || references.max === 0 || references.min === 0) return [];
    const area = name === 'mask' ? 'needed' : AREA_TASKS.includes(name) ? 'optional' : 'none';
    return [
      {
        name,
        roles,
        minPictures: references.min,
        maxPictures: references.max,
        area,
        makesOutlines: OUTLINE_TASKS.includes(name),
      } as const,
    ];
  });

/** What is still missing before the edit can be asked for; null when nothing is. */
export function missingOf(task: EditTask, pictures: number, area: Area | null): string | null {
  if (pictures < task.minPictures)
    return `This needs ${task.minPictures} pictures: add ${task.minPictures - pictures} more.`;
  if (task.area === 'needed' && area === null) return 'Mark the part that is to be drawn anew.';
  return null;
}

/** Why a file cannot be changed, as a sentence; null when it can. */
export function refusalOf({ type, size }: Pick<Blob, 'type' | 'size'>): string | null {
  if (!EDIT_TYPES.some((known) => known === type)) return 'Only PNG, JPEG and WebP pictures can be changed.';
  return size > EDIT_MAX_BYTES ? 'The picture is larger than 30 MB.' : null;
}

/** The first picture among what was dropped or pasted. */
export const pictureIn = (files: Iterable<File>): File | null =>
  [...files].find(({ type }) => type.startsWith('image/')) ?? null;

/** A sentence to start from, made of words that the weights know. */
export function editExample(task: string, { concepts, colours }: ModelInfo['vocabulary']): string {
  const noun = wordsOf(concepts[0] ?? 'apple');
  if (task === 'recolour')
    return `make the ${noun} ${colours.find((colour) => colour === 'blue') ?? colours[0] ?? 'blue'}`;
  const other = wordsOf(concepts[1] ?? 'dog');
  const sentences: Record<string, string> = {
    remove: `remove the ${noun}`,
    add: `add a ${noun} on the left`,
    replace: `replace the ${noun} with a ${other}`,
    move: `move the ${noun} to the right`,
    background: 'change the background to a beach at sunset',
    style: 'make it flat style',
    identity: 'put it on a beach at night',
    compose: 'the first one to the left of the second one on a meadow',
    mask: `a ${noun}`,
  };
  return sentences[task] ?? `a ${noun} on a meadow`;
}

/** What an edit asks for; `seed` empty leaves it to the server. */
export interface EditWish {
  readonly prompt: string;
  readonly task: string;
  readonly n: number;
  readonly seed: string;
  /** Pictures behind the first one. */
  readonly more?: readonly EditSource[];
  readonly area?: Area | null;
  /** The outlines are made of the picture, which is none itself. */
  readonly fromPicture?: boolean;
}

export const editBodyOf = (
  { prompt, task, n, seed, more = [], area = null, fromPicture = false }: EditWish,
  { image }: EditSource,
): ImageEditBody => ({
  prompt: prompt.trim(),
  images: [image, ...more.map((source) => source.image)],
  task,
  n,
  ...(area ? { edit_box: [area.x, area.y, area.width, area.height].map((share) => share.toFixed(4)).join(',') } : {}),
  ...(fromPicture && OUTLINE_TASKS.includes(task) ? { control_from: 'picture' as const } : {}),
  ...(seed === '' ? {} : { seed: Number(seed) }),
});
