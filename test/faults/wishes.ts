import { stripedPicture } from '../striped-picture.ts';
import type { Wish } from './traffic.ts';

export const TENANTS = Array.from({ length: 20 }, (_, index) => `ten_client-${String(index + 1).padStart(2, '0')}`);

const SUBJECTS = ['a red apple', 'a cactus in the desert at night', 'a house', 'a balloon above a tree'];

/** A few recipes, so that most pictures are drawn more than once and can be compared. */
export function recipes(steps: number): Wish['body'][] {
  return SUBJECTS.flatMap((prompt, index) => [
    { prompt, seed: index + 1, n: 1, steps },
    { prompt, seed: index + 11, n: 2, steps },
  ]);
}

/** Wishes of random tenants, some of which think better of it. */
export function randomWishes(
  count: number,
  random: () => number,
  options: { steps: number; cancelShare: number },
): Wish[] {
  const pool = recipes(options.steps);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => ({
    tenant: pick(TENANTS),
    body: pick(pool),
    ...(random() < options.cancelShare ? { cancelAfterMs: Math.floor(random() ** 2 * 60) } : {}),
  }));
}

/** A wish to change a picture; each `number` has a picture of its own. */
export async function change(number: number, steps: number): Promise<Wish['body']> {
  const image = `data:image/png;base64,${(await stripedPicture(number)).toString('base64')}`;
  return { prompt: 'make the apple blue', seed: number, n: 1, steps, images: [image] };
}
