import { squareTokens } from '../caption.js';
import type { EditHint } from '../errors.js';
import { quoted } from '../explain.js';
import { boxOfSquare, type Square } from '../layout/geometry.js';
import { mixSeeds, SeededRandom } from '../seeded-random.js';
import {
  captionOf,
  type EditContext,
  type EditReading,
  type Noun,
  namedBox,
  nounOf,
  onlyThing,
  refuseOthers,
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

export const MOVE_HINT: EditHint = {
  say: 'Say one thing and where it is to go, as in "move the dog to the left" or "move the dog in front of the house".',
  lists: ['things'],
};

/**
 * `move. dog <x12><y40>.`, the centre of where it goes; `move. dog <x40><y44><s24>. <x16><y44><s24>.` where the edit
 * box says where it lies; `move the dog to the left of the house` by a thing that only the picture knows. A layout item
 * that names the thing says where it is to go.
 */
export function readMove(context: EditContext): EditReading {
  refuseOthers(context, ['move', 'put', 'should', 'into', 'from', 'change', 'away'], ['thing', 'side', 'relation']);
  const thing = onlyThing(context);
  const noun = nounOf(thing, context);
  const where = targetSide(readWhereabouts(context), context);
  const target = namedBox(noun.concept, context);
  if (!where && !target) return context.refuse(`it does not say where ${quoted(thing.phrase.text)} is to go`);
  const { vocabulary } = context.lexicon;
  const old = context.input.editBox ? snapped(context.input.editBox, context) : null;
  if (where?.kind === 'relation' && !where.at && old) {
    context.notes.explain(
      'dropped',
      'edit_box',
      '',
      'The place is told by another thing, so the box around the old place is not used.',
    );
    context.notes.warn(
      'edit_box_ignored',
      'The place is told by another thing whose box is not known: the edit box is not used.',
    );
  }
  const words = captionOf(noun);
  const [told, side] = [relationWords(where), sideWords(where)];
  return {
    expanded: `the ${words} goes ${told ?? (side === null ? 'to its box' : `to the ${side}`)}, the rest stays`,
    facts: factsAt(noun, where),
    plan: (seed) => {
      const square = target ? snapped(target, context) : goal(noun, where, old, seed, context);
      if (!square) return { caption: `move the ${words}${told === null ? '' : ` ${told}`}`, layout: [] };
      // It keeps its size and stands on the lower edge of where it goes.
      const goesTo = old ? { x: square.x, y: square.y + (square.s - old.s) / 2, s: old.s } : square;
      const to = old ? `${squareTokens(old)}. ${squareTokens(goesTo)}` : `<x${goesTo.x}><y${goesTo.y}>`;
      const box = boxOfSquare(goesTo, vocabulary);
      return { caption: `move. ${words} ${to}.`, layout: [{ factId: 'o1', concept: noun.concept.id, box }] };
    },
  };
}

/** Up and down need the thing's own column, which only a box tells. */
function targetSide(where: Whereabouts, context: EditContext): Whereabouts {
  if (where?.kind !== 'side' || where.across !== null || context.input.editBox) return where;
  return context.refuse('it names no side: left, middle or right, or draw a box around the thing');
}

function goal(
  { concept }: Noun,
  where: Whereabouts,
  old: Square | null,
  seed: number,
  { lexicon: { vocabulary } }: EditContext,
): Square | null {
  const s = old?.s ?? sampleSide(null, vocabulary, new SeededRandom(mixSeeds(seed, 0)));
  if (where?.kind === 'relation') {
    return where.at && squareByRelation(concept, where, where.at, s, seed, vocabulary);
  }
  if (!where) return null;
  const square = squareBySide(concept, where, s, seed, vocabulary);
  // What moves sideways keeps its height, and what moves up or down its column.
  if (!old) return square;
  if (where.height === null) return { ...square, y: old.y };
  return where.across === null ? { ...square, x: old.x } : square;
}
