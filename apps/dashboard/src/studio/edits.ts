import type { ImageEditBody, ModelInfo } from '@atelier/client-sdk';
import { wordsOf } from './examples.js';

/** Tasks that change one given picture as a sentence says. Others with references need more than the Studio asks for. */
const EDIT_TASKS: readonly string[] = ['recolour', 'add', 'remove', 'replace', 'move', 'background', 'style'];

/** What the API reads; AVIF is left out because not every browser can show it back. */
export const EDIT_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
const EDIT_MAX_BYTES = 30_000_000;

/** A picture to change. `name` is the name of its file, or the prompt that it was drawn from. */
export interface EditSource {
  readonly image: Blob;
  readonly name: string;
}

/** The edit tasks that these weights have learned; empty where they draw from words only. */
export const trainedEdits = (model: Pick<ModelInfo, 'tasks'>): string[] =>
  model.tasks.filter(({ name, trained }) => trained && EDIT_TASKS.includes(name)).map(({ name }) => name);

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
  if (task === 'remove') return `remove the ${noun}`;
  return `change the ${noun}`;
}

/** What an edit asks for; `seed` empty leaves it to the server. */
export interface EditWish {
  readonly prompt: string;
  readonly task: string;
  readonly n: number;
  readonly seed: string;
}

export const editBodyOf = ({ prompt, task, n, seed }: EditWish, { image }: EditSource): ImageEditBody => ({
  prompt: prompt.trim(),
  images: [image],
  task,
  n,
  ...(seed === '' ? {} : { seed: Number(seed) }),
});
