import type { ChosenObject } from '../facts/choose-objects.js';
import type { FactRelation } from '../facts/plan-facts.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Vocabulary } from '../vocabulary.js';
import { type Extent, extentOf, overlapOf, relationBetween, type Square } from './geometry.js';
import { type Instance, MAX_OVERLAP, MAX_OVERLAP_DEPTH, sampleSides, squaresFor } from './placement.js';

export interface PlacedObject extends Square {
  readonly object: ChosenObject;
}

export interface LayoutTask {
  readonly instances: readonly Instance[];
  readonly relations: readonly FactRelation[];
  readonly place: string;
  readonly style: string;
  readonly vocabulary: Vocabulary;
}

/** How much is given up to find a layout, in this order. */
interface Freedom {
  readonly sizes: 'sampled' | 'any';
  readonly free: boolean;
  readonly overlapFactor: number;
}

const FREEDOMS: readonly Freedom[] = [
  { sizes: 'sampled', free: false, overlapFactor: 1 },
  { sizes: 'any', free: false, overlapFactor: 1 },
  { sizes: 'any', free: true, overlapFactor: 1 },
  { sizes: 'any', free: true, overlapFactor: 2.5 },
];

/** Squares looked at per attempt; keeps a hopeless task below a millisecond or two. */
const NODE_BUDGET = 60;
const BRANCHES = 8;

const MAX_SIDE_CHOICES = 256;

const FULL: [number, number, number, number] = [0, 0, 1, 1];

/**
 * A layout that satisfies every relation by the rule of the captions, things on their ground, little overlap; or null
 * when there is none. Equal arguments and random state give an equal layout.
 */
export function planLayout(task: LayoutTask, random: SeededRandom): PlacedObject[] | null {
  for (const freedom of FREEDOMS) {
    for (const sides of sideChoices(task, freedom, random)) {
      const placed = new PlacementSearch(task, sides, freedom, random).run();
      if (placed) return inDepthOrder(placed);
    }
  }
  return null;
}

/** Draws everything somewhere when boxes that the user fixed leave no clean layout. */
export function planWithoutRules(task: LayoutTask, random: SeededRandom): PlacedObject[] {
  const sides = sampleSides(task.instances, random, task.vocabulary);
  const freedom: Freedom = { sizes: 'sampled', free: true, overlapFactor: Number.POSITIVE_INFINITY };
  const placed = new PlacementSearch({ ...task, relations: [] }, sides, freedom, random).run();
  return inDepthOrder(placed ?? []);
}

function* sideChoices(task: LayoutTask, freedom: Freedom, random: SeededRandom): Generator<number[]> {
  const { instances, vocabulary } = task;
  const sampled = sampleSides(instances, random, vocabulary);
  yield sampled;
  for (let k = 1; k < 3; k++) yield sampleSides(instances, random, vocabulary);
  if (freedom.sizes === 'sampled') return;
  // Copies share a side, so there are |sides| ^ |objects| choices; those like the first sample come first.
  const objects = [...new Set(instances.map((instance) => instance.object))];
  const { sides } = vocabulary;
  const total = Math.min(sides.length ** objects.length, MAX_SIDE_CHOICES);
  const choices = Array.from({ length: total }, (_, code) => {
    const chosen = objects.map((_, i) => sides[Math.floor(code / sides.length ** i) % sides.length]!);
    const choice = instances.map(({ object, fixed }) => fixed?.s ?? chosen[objects.indexOf(object)]!);
    const change = choice.reduce((sum, side, i) => {
      const weight = instances[i]!.object.size === null ? 1 : 3;
      return sum + weight * Math.abs(side - sampled[i]!);
    }, random.below(8));
    return { choice, change };
  });
  for (const { choice } of choices.sort((a, b) => a.change - b.change)) yield choice;
}

/** Sky behind everything, then by base line, then left to right: the order captions and painters use. */
function inDepthOrder(placed: readonly PlacedObject[]): PlacedObject[] {
  const rank = (p: PlacedObject): readonly [number, number, number] => [
    p.object.concept.placement === 'sky' ? 0 : 1,
    2 * p.y + p.s,
    p.x,
  ];
  return [...placed].sort((a, b) => {
    const [a0, a1, a2] = rank(a);
    const [b0, b1, b2] = rank(b);
    return a0 - b0 || a1 - b1 || a2 - b2;
  });
}

class PlacementSearch {
  readonly #squares: Square[] = [];
  readonly #extents: Extent[] = [];
  #nodes = 0;

  constructor(
    readonly task: LayoutTask,
    readonly sides: readonly number[],
    readonly freedom: Freedom,
    readonly random: SeededRandom,
  ) {}

  run(): PlacedObject[] | null {
    if (!this.#place(0)) return null;
    return this.task.instances.map(({ object }, i) => ({ object, ...this.#squares[i]! }));
  }

  #place(i: number): boolean {
    const instance = this.task.instances[i];
    if (!instance) return true;
    const ranked: { square: Square; extent: Extent; cost: number }[] = [];
    const content = instance.object.concept.box[this.task.style] ?? FULL;
    for (const square of this.#candidates(instance, i)) {
      const extent = extentOf(square, content);
      const cost = this.#cost(i, square, extent);
      if (cost !== null) ranked.push({ square, extent, cost: cost + this.random.below(1000) / 250 });
    }
    ranked.sort((a, b) => a.cost - b.cost);
    for (const { square, extent } of ranked.slice(0, BRANCHES)) {
      if (this.#nodes++ > NODE_BUDGET) return false;
      this.#squares[i] = square;
      this.#extents[i] = extent;
      if (this.#place(i + 1)) return true;
    }
    return false;
  }

  #candidates(instance: Instance, i: number): Square[] {
    if (instance.fixed) return [instance.fixed];
    const { placement } = instance.object.concept;
    return squaresFor(placement, this.task.place, this.sides[i]!, this.task.vocabulary, this.freedom.free);
  }

  /** Null when a rule is broken against what is already placed; else how far the square is from looking good. */
  #cost(i: number, square: Square, extent: Extent): number | null {
    const { instances } = this.task;
    const object = instances[i]!.object;
    let cost = this.#ownCost(object, square, instances.length);
    for (let k = 0; k < i; k++) {
      const asked = this.#relationTo(object, instances[k]!.object);
      const other = this.#extents[k]!;
      if (asked !== null && relationBetween(extent, other) !== asked) return null;
      const depth = asked === 'in-front-of' || asked === 'behind';
      const bothFixed = instances[i]!.fixed !== null && instances[k]!.fixed !== null;
      const overlap = overlapOf(extent, other);
      if (!bothFixed && overlap > (depth ? MAX_OVERLAP_DEPTH : MAX_OVERLAP) * this.freedom.overlapFactor) return null;
      cost += 12 * overlap + this.#pairCost(asked, square, this.#squares[k]!, object === instances[k]!.object);
    }
    return cost;
  }

  #ownCost(object: ChosenObject, { x, y, s }: Square, n: number): number {
    const { bins } = this.task.vocabulary;
    const offCentre = Math.abs(x - bins / 2) / (bins / 16);
    const base = y + s / 2;
    switch (object.side) {
      case 'left':
        return Math.abs(x - bins / 4) / 2 + (x > bins / 2 ? 40 : 0);
      case 'right':
        return Math.abs(x - (3 * bins) / 4) / 2 + (x < bins / 2 ? 40 : 0);
      case 'centre':
        return 3 * offCentre;
      case 'top':
        return y / 2;
      case 'bottom':
      case 'front':
        return (bins - base) / 2;
      case 'back':
        return base / 2;
      default:
        return this.#tendency(object, { x, y, s }) + (n === 1 ? 0.8 * offCentre : 0.15 * offCentre);
    }
  }

  /** What is to lie left of something starts on the left, so that there is room for the other. */
  #tendency(object: ChosenObject, { x, y, s }: Square): number {
    const { bins } = this.task.vocabulary;
    let cost = 0;
    for (const fact of this.task.relations) {
      if (fact.subject !== object && fact.object !== object) continue;
      const relation = fact.subject === object ? fact.relation : INVERSE[fact.relation];
      if (relation === 'left-of') cost += Math.max(0, x - 0.3 * bins) / 4;
      else if (relation === 'right-of') cost += Math.max(0, 0.7 * bins - x) / 4;
      else if (relation === 'above') cost += y / 8;
      else if (relation === 'below') cost += (bins - y) / 8;
      else if (relation === 'in-front-of') cost += (bins - y - s / 2) / 4;
      else cost += Math.max(0, y + s / 2 - bins / 2) / 4;
    }
    return cost;
  }

  #pairCost(asked: string | null, a: Square, b: Square, equals: boolean): number {
    const sideways = Math.abs(a.x - b.x);
    const bases = Math.abs(a.y + a.s / 2 - b.y - b.s / 2);
    if (asked === 'left-of' || asked === 'right-of') return bases / 6;
    if (asked === 'above' || asked === 'below') return sideways / 3;
    if (asked !== null) return sideways / 6;
    // Equal things stand in a loose row.
    return equals ? bases / 4 : 0;
  }

  #relationTo(object: ChosenObject, other: ChosenObject): string | null {
    for (const fact of this.task.relations) {
      if (fact.subject === object && fact.object === other) return fact.relation;
      if (fact.subject === other && fact.object === object) return INVERSE[fact.relation];
    }
    return null;
  }
}

export const INVERSE = {
  'left-of': 'right-of',
  'right-of': 'left-of',
  above: 'below',
  below: 'above',
  'in-front-of': 'behind',
  behind: 'in-front-of',
} as const;
