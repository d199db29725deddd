import type { Facts, Relation } from '@atelier/contracts';
import { RELATION_WORDS } from '../caption.js';
import { quoted } from '../explain.js';
import type { ChosenObject } from '../facts/choose-objects.js';
import { extentOf, relationBetween, type Square } from '../layout/geometry.js';
import { squaresFor } from '../layout/placement.js';
import { mixSeeds, SeededRandom } from '../seeded-random.js';
import type { Vocabulary, VocabularyConcept } from '../vocabulary.js';
import { captionOf, type EditContext, factOf, type Noun, namedBox, nounOf, sift, snapped } from './edit-context.js';

type Third = 'left' | 'middle' | 'right';

/** Where something is to be: at a side of the frame, or by something that is there. */
export type Whereabouts =
  | { readonly kind: 'side'; readonly across: Third | null; readonly height: 'top' | 'bottom' | null }
  /** `at` when the caller's layout says where the other thing lies. */
  | { readonly kind: 'relation'; readonly relation: Relation; readonly to: Noun; readonly at: Square | null }
  | null;

/** Reads where an instruction says that the thing is to be. Errors: refuses two places and what no picture shows. */
export function readWhereabouts(context: EditContext): Whereabouts {
  const { sides, relations } = sift(context.instruction);
  if (relations.length > 1 || (relations.length === 1 && sides.length > 0)) {
    return context.refuse('it names more than one place');
  }
  const [asked] = relations;
  if (asked) {
    const { relation, to, phrase } = asked;
    if (relation === 'inside' || relation === 'between') {
      return context.refuse(
        `${quoted(phrase.text)} cannot be shown here, only left of, right of, above, below, in front of and behind one thing`,
      );
    }
    if (!to) return context.refuse(`${quoted(phrase.text)} names nothing that this model knows`);
    const other = nounOf(to, context);
    const box = namedBox(other.concept, context);
    return {
      kind: 'relation',
      relation: told(relation, phrase.text, context),
      to: other,
      at: box ? snapped(box, context) : null,
    };
  }
  if (sides.length === 0) return null;
  const across = new Set<Third>();
  const heights = new Set<'top' | 'bottom'>();
  for (const { side, phrase } of sides) {
    if (side === 'left' || side === 'right') across.add(side);
    else if (side === 'centre') across.add('middle');
    else if (side === 'top' || side === 'bottom') heights.add(side);
    else
      context.refuse(
        `${quoted(phrase.text)} is no side of the picture: left, middle and right are, or a place by another thing`,
      );
  }
  if (across.size > 1 || heights.size > 1) context.refuse('it names more than one place');
  return { kind: 'side', across: [...across][0] ?? null, height: [...heights][0] ?? null };
}

/** "beside" names no side: the captions need one. */
function told(relation: Relation | 'beside', text: string, { notes }: EditContext): Relation {
  if (relation !== 'beside') return relation;
  notes.explain('layout', text, 'right-of', `${quoted(text)} names no side: to the right.`);
  return 'right-of';
}

/** `to the left of the dog`; null where no other thing tells the place. */
export const relationWords = (where: Whereabouts): string | null =>
  where?.kind === 'relation' ? `${RELATION_WORDS[where.relation]} the ${captionOf(where.to)}` : null;

/** `top left`; null where no side of the frame tells the place. */
export const sideWords = (where: Whereabouts): string | null =>
  where?.kind === 'side' ? [where.height, where.across].filter(Boolean).join(' ') : null;

/** The thing is there, and so is the other one in the relation that was told. */
export function factsAt(noun: Noun, where: Whereabouts): Facts {
  if (where?.kind !== 'relation') return { objects: [factOf(noun, 'o1')], relations: [], absent: [] };
  return {
    objects: [factOf(noun, 'o1'), factOf(where.to, 'o2')],
    relations: [{ subject: 'o1', relation: where.relation, object: 'o2' }],
    absent: [],
  };
}

/** The thirds as training tells them: below 0.4 of the width is left, above 0.6 right. */
export function thirdOf(x: number, { bins }: Vocabulary): Third {
  return x < 0.4 * bins ? 'left' : x > 0.6 * bins ? 'right' : 'middle';
}

/** A side that a thing of a scene has, small ones seldom: they are drawn worst. */
export function sampleSide(size: ChosenObject['size'], vocabulary: Vocabulary, random: SeededRandom): number {
  const sides = [...vocabulary.sides].sort((a, b) => a - b);
  if (size === 'small') return sides[0]!;
  if (size === 'large') return sides.at(-1)!;
  const usual = sides.filter((side) => side >= 0.3 * vocabulary.bins && side <= 0.55 * vocabulary.bins);
  return random.pick(usual.length > 0 ? usual : sides);
}

/** Places whose ground a thing is at home on; a picture that is not known could be any of them. */
function* groundsOf({ places }: VocabularyConcept, vocabulary: Vocabulary): Generator<string> {
  const known = vocabulary.places.map(({ id }) => id);
  const home = places.filter((place) => known.includes(place));
  yield* home.length > 0 ? home : known;
}

/**
 * A square for a thing in a picture that is not known: where it could stand (float, fly) in every place that it is at
 * home in, in the asked third, by the seed. `s` bins wide.
 */
export function squareBySide(
  concept: VocabularyConcept,
  where: Extract<Whereabouts, { kind: 'side' }>,
  s: number,
  seed: number,
  vocabulary: Vocabulary,
): Square {
  const random = new SeededRandom(mixSeeds(seed, 1));
  const key = ({ x, y }: Square): string => `${x} ${y}`;
  let common: Square[] | null = null;
  for (const place of groundsOf(concept, vocabulary)) {
    const here = squaresFor(concept.placement, place, s, vocabulary, false);
    const keys = new Set(here.map(key));
    common = common === null ? here : common.filter((square) => keys.has(key(square)));
  }
  const free = squaresFor(concept.placement, vocabulary.places[0]!.id, s, vocabulary, true);
  const fits = (square: Square): boolean =>
    (where.across === null || thirdOf(square.x, vocabulary) === where.across) &&
    (where.height === null ||
      (where.height === 'top' ? square.y < vocabulary.bins / 2 : square.y > vocabulary.bins / 2));
  const all = (common ?? []).filter(fits);
  const possible = all.length > 0 ? all : free.filter(fits);
  return clearest(possible.length > 0 ? possible : free, where, random, vocabulary);
}

/** Of the squares one near the middle of its third: on the border of two it would show neither. */
function clearest(
  squares: readonly Square[],
  { across }: Extract<Whereabouts, { kind: 'side' }>,
  random: SeededRandom,
  { bins }: Vocabulary,
): Square {
  const aim = { left: 0.25, middle: 0.5, right: 0.75 }[across ?? 'middle'] * bins;
  const weight = ({ x }: Square): number =>
    across === null ? 1 : Math.max(1, Math.round(20 - Math.abs(x - aim))) ** 2;
  return random.weighted(squares.map((square) => [square, weight(square)] as const));
}

/** A square that stands in the relation to a known one, by the seed; null where there is none. */
export function squareByRelation(
  concept: VocabularyConcept,
  where: Extract<Whereabouts, { kind: 'relation' }>,
  at: Square,
  s: number,
  seed: number,
  vocabulary: Vocabulary,
): Square | null {
  const random = new SeededRandom(mixSeeds(seed, 2));
  const FULL = [0, 0, 1, 1] as const;
  const box = (of: VocabularyConcept): readonly [number, number, number, number] => Object.values(of.box)[0] ?? FULL;
  const other = extentOf(at, [...box(where.to.concept)]);
  const base = (square: Square): number => square.y + square.s / 2;
  const holds = (square: Square): boolean =>
    relationBetween(extentOf(square, [...box(concept)]), other) === where.relation;
  const beside = where.relation === 'left-of' || where.relation === 'right-of';
  const ranked = squaresFor(concept.placement, vocabulary.places[0]!.id, s, vocabulary, true)
    .filter(holds)
    .map((square) => {
      const apart = beside ? Math.abs(base(square) - base(at)) : Math.abs(square.x - at.x);
      const far = Math.hypot(square.x - at.x, square.y - at.y) - (square.s + at.s) / 2;
      return { square, cost: apart + Math.abs(far) / 2 + random.below(1000) / 250 };
    })
    .sort((a, b) => a.cost - b.cost);
  return ranked[0]?.square ?? null;
}
