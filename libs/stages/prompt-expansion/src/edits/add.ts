import { squareTokens, withArticle } from '../caption.js';
import type { EditHint } from '../errors.js';
import { boxOfSquare, type Square } from '../layout/geometry.js';
import { mixSeeds, SeededRandom } from '../seeded-random.js';
import {
  boxOf,
  captionOf,
  type EditContext,
  type EditReading,
  type Noun,
  nounOf,
  onlyThing,
  refuseOthers,
  sift,
  snapped,
} from './edit-context.js';
import {
  factsAt,
  readWhereabouts,
  relationWords,
  sampleSide,
  sideWords,
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
  const thing = onlyThing(context);
  const noun = nounOf(thing, context, sift(context.instruction).colours);
  const where = readWhereabouts(context);
  const at = placement(noun, thing.size, where, context);
  const words = captionOf(noun);
  const [told, side] = [relationWords(where), sideWords(where)];
  const spot = told ?? (side === null ? null : `at the ${side}`);
  return {
    expanded: `${withArticle(words)} appears${spot === null ? '' : ` ${spot}`}, the rest stays`,
    facts: factsAt(noun, where),
    plan: (seed) => {
      const square = at?.(seed);
      if (!square) return { caption: told ? `add ${withArticle(words)} ${told}` : `add. ${words}.`, layout: [] };
      const colour = noun.colour === null ? {} : { colour: noun.colour };
      const box = boxOfSquare(square, context.lexicon.vocabulary);
      return {
        caption: `add. ${words} ${squareTokens(square)}.`,
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
