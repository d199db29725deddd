import type { EditHint } from '../errors.js';
import type { Square } from '../layout/geometry.js';
import { mixSeeds, SeededRandom } from '../seeded-random.js';
import {
  boxOf,
  captionOf,
  type EditContext,
  type EditReading,
  factOf,
  type Noun,
  nounOf,
  refuseOthers,
  sift,
  snapped,
  squareOf,
} from './edit-context.js';
import {
  boxOfSquare,
  RELATION_WORDS,
  readWhereabouts,
  sampleSide,
  squareByRelation,
  squareBySide,
  type Whereabouts,
} from './whereabouts.js';

export const ADD_HINT: EditHint = {
  say: 'Say one thing and perhaps where, as in "add a red apple on the left" or "add a cat to the right of the dog".',
  lists: ['things', 'colours'],
};

/**
 * `add. red apple <x20><y48><s24>.` with a place from the caller's box, a side of the frame or a thing whose box is
 * known; `add a red apple to the left of the dog` by a thing that only the picture knows; `add. red apple.` without.
 */
export function readAdd(context: EditContext): EditReading {
  refuseOthers(
    context,
    ['add', 'put', 'exist', 'should', 'into', 'change', 'whole'],
    ['thing', 'colour', 'side', 'relation'],
  );
  const { things, colours } = sift(context.instruction);
  const [thing, another] = things;
  if (!thing) return context.refuse('it names nothing that this model knows');
  if (another) return context.refuse('it names more than one thing');
  const noun = nounOf(thing, context, colours);
  const where = readWhereabouts(context);
  const at = placement(noun, thing.size, where, context);
  const words = captionOf(noun);
  const told = where?.kind === 'relation' ? ` ${RELATION_WORDS[where.relation]} the ${captionOf(where.to)}` : '';
  const relation = where?.kind === 'relation' ? where : null;
  return {
    expanded: `${withArticle(words)} appears${told || sideWords(where)}, the rest stays`,
    facts: {
      objects: [factOf(noun, 'o1'), ...(relation ? [factOf(relation.to, 'o2')] : [])],
      relations: relation ? [{ subject: 'o1', relation: relation.relation, object: 'o2' }] : [],
      absent: [],
    },
    plan: (seed) => {
      const square = at?.(seed);
      if (!square) return { caption: relation ? `add ${withArticle(words)}${told}` : `add. ${words}.`, layout: [] };
      const colour = noun.colour === null ? {} : { colour: noun.colour };
      const box = boxOfSquare(square, context.lexicon.vocabulary);
      return {
        caption: `add. ${words} ${squareOf(square)}.`,
        layout: [{ factId: 'o1', concept: noun.concept.id, ...colour, box }],
      };
    },
  };
}

/** A place by the seed, or null where only the picture knows. */
function placement(
  { concept }: Noun,
  size: 'small' | 'large' | null,
  where: Whereabouts,
  context: EditContext,
): ((seed: number) => Square | null) | null {
  const { vocabulary } = context.lexicon;
  const box = boxOf(concept, context);
  if (box) return () => snapped(box, context);
  const side = (seed: number): number => sampleSide(size, vocabulary, new SeededRandom(mixSeeds(seed, 0)));
  if (where?.kind === 'side') return (seed) => squareBySide(concept, where, side(seed), seed, vocabulary);
  const known = where?.at;
  if (known) return (seed) => squareByRelation(concept, where, known, side(seed), seed, vocabulary);
  return null;
}

const sideWords = (where: Whereabouts): string =>
  where?.kind !== 'side' ? '' : ` at the ${[where.height, where.across].filter(Boolean).join(' ')}`;

export function withArticle(words: string): string {
  const vowel = /^[aeiou]/iu.test(words) && !/^(ufo|uni|uku|one)/iu.test(words);
  return `${vowel ? 'an' : 'a'} ${words}`;
}
