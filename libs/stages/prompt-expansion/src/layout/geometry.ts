import type { Box, Relation } from '@atelier/contracts';
import type { ContentBox, Vocabulary } from '../vocabulary.js';

/** Visible extent in bins: left, top, right, bottom. */
export type Extent = readonly [left: number, top: number, right: number, bottom: number];

/** A square of side `s` bins centred at (`x`, `y`) bins; what stands, stands on its bottom edge. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly s: number;
}

/** The square in fractions of the picture. */
export const boxOfSquare = ({ x, y, s }: Square, { bins }: Pick<Vocabulary, 'bins'>): Box => ({
  x: (x - s / 2) / bins,
  y: (y - s / 2) / bins,
  width: s / bins,
  height: s / bins,
});

export function extentOf({ x, y, s }: Square, content: ContentBox): Extent {
  const left = x - s / 2;
  const top = y - s / 2;
  return [left + content[0] * s, top + content[1] * s, left + content[2] * s, top + content[3] * s];
}

/**
 * How `a` lies to `b`, or null when nothing clear can be said: the rule that writes the training captions and answers
 * the questions (`atelier_runtime.world.relations`). Beside when the centres are clearly apart sideways and more so
 * than vertically; above when apart vertically; in front when the extents overlap sideways and the base of `a` is lower.
 */
export function relationBetween(a: Extent, b: Extent): Relation | null {
  const dx = (a[0] + a[2] - b[0] - b[2]) / 2;
  const dy = (a[1] + a[3] - b[1] - b[3]) / 2;
  const width = (a[2] - a[0] + b[2] - b[0]) / 2;
  const height = (a[3] - a[1] + b[3] - b[1]) / 2;
  const apartSideways = Math.abs(dx) >= 0.6 * width;
  if (apartSideways && Math.abs(dx) >= 0.9 * Math.abs(dy)) return dx < 0 ? 'left-of' : 'right-of';
  if (Math.abs(dy) >= 0.75 * height) return dy < 0 ? 'above' : 'below';
  if (Math.abs(a[3] - b[3]) >= 3 && !apartSideways) return a[3] > b[3] ? 'in-front-of' : 'behind';
  if (apartSideways) return dx < 0 ? 'left-of' : 'right-of';
  return null;
}

/** Part of the smaller extent that the other one covers, 0..1. */
export function overlapOf(a: Extent, b: Extent): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (e: Extent): number => (e[2] - e[0]) * (e[3] - e[1]);
  return (width * height) / Math.min(area(a), area(b));
}
