import type { Box } from '@atelier/contracts';
import type { ChosenObject } from '../facts/choose-objects.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Vocabulary } from '../vocabulary.js';
import type { Square } from './geometry.js';

/** Largest part of the smaller object's extent that another may cover in training scenes. */
export const MAX_OVERLAP = 0.18;
/** In front of and behind need more: without a crossing sideways nothing stands before anything. */
export const MAX_OVERLAP_DEPTH = 0.4;

/** One drawn thing; `box` when the user said where. */
export interface Instance {
  readonly object: ChosenObject;
  readonly fixed: Square | null;
}

/** All squares of side `s` where a concept may be, as in training scenes; `free` ignores ground, water and sky. */
export function squaresFor(
  placement: string,
  place: string,
  s: number,
  vocabulary: Vocabulary,
  free: boolean,
): Square[] {
  const { bins, snap, baseLines } = vocabulary;
  const squares: Square[] = [];
  const [groundTop, groundBottom] = baseLines.ground[place] ?? [bins * 0.7, bins];
  const [waterTop, waterBottom] = baseLines.water;
  for (let top = 0; top + s <= bins; top += snap) {
    const base = top + s;
    const fits =
      free ||
      (placement === 'sky'
        ? base <= Math.max(baseLines.skyBottom, s)
        : placement === 'water' && place === 'beach'
          ? base >= waterTop && base <= waterBottom
          : base >= groundTop && base <= groundBottom);
    if (!fits) continue;
    for (let left = 0; left + s <= bins; left += snap) squares.push({ x: left + s / 2, y: top + s / 2, s });
  }
  return squares;
}

/** The square of the grid nearest to a box the user drew: the side by its longer edge, standing on its lower edge. */
export function snapBox(box: Box, vocabulary: Vocabulary): Square {
  const { bins, snap, sides } = vocabulary;
  const longer = Math.max(box.width, box.height) * bins;
  const s = sides.reduce((best, side) => (Math.abs(side - longer) < Math.abs(best - longer) ? side : best));
  const onGrid = (value: number): number => Math.min(bins - s, Math.max(0, Math.round(value / snap) * snap));
  const left = onGrid((box.x + box.width / 2) * bins - s / 2);
  const top = onGrid((box.y + box.height) * bins - s);
  return { x: left + s / 2, y: top + s / 2, s };
}

/** Share of the frame that the hero takes, with weights, by the number of things: the training distribution. */
const HERO_SHARES: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  1: [
    [0.38, 18],
    [0.5, 42],
    [0.63, 40],
  ],
  2: [
    [0.38, 40],
    [0.5, 60],
  ],
  3: [
    [0.38, 65],
    [0.5, 35],
  ],
  4: [
    [0.32, 60],
    [0.38, 40],
  ],
};

/** Sides for the instances in order, the hero first: 35-65 % of the frame for it, 25-40 % for its company. */
export function sampleSides(instances: readonly Instance[], random: SeededRandom, vocabulary: Vocabulary): number[] {
  const { bins } = vocabulary;
  const sides = [...vocabulary.sides].sort((a, b) => a - b);
  const nearest = (share: number): number =>
    sides.reduce((best, side) => (Math.abs(side - share * bins) < Math.abs(best - share * bins) ? side : best));
  const n = instances.length;
  const hero = nearest(random.weighted(HERO_SHARES[Math.min(4, n)] ?? HERO_SHARES[4]!));
  const small = sides.filter((side) => side <= 0.4 * bins && side <= hero);
  const company = small.length > 0 ? small : [sides[0]!];
  // Small things are drawn worst, so company is seldom smaller than it has to be.
  const likely = company.map((side) => [side, side ** 3] as const);
  let sampled = instances.map((_, i) => (i === 0 ? hero : random.weighted(likely)));
  // Copies of one thing are of one size.
  sampled = sampled.map((_, i) => Math.min(...sampled.filter((_, k) => instances[k]!.object === instances[i]!.object)));
  const large = n === 1 ? sides.at(-1)! : sides[Math.max(0, sides.length - 2)]!;
  return sampled.map((side, i) => {
    const { size } = instances[i]!.object;
    if (instances[i]!.fixed) return instances[i]!.fixed!.s;
    return size === 'large' ? large : size === 'small' ? sides[0]! : side;
  });
}
