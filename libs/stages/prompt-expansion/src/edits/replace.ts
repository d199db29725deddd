import { squareTokens } from '../caption.js';
import type { EditHint } from '../errors.js';
import {
  boxOf,
  captionOf,
  type EditContext,
  type EditReading,
  factOf,
  nounOf,
  refuseOthers,
  sift,
  snapped,
} from './edit-context.js';
import type { NamedThing } from './instruction.js';

export const REPLACE_HINT: EditHint = {
  say: 'Say the old thing and then the new one, as in "replace the apple with a red balloon".',
  lists: ['things', 'colours'],
};

const NEW_FIRST = /^(substitut|swap in|swapped in)/iu;

/** `replace. apple red balloon.`: the old thing, then the new one; with a box around the old one, its square. */
export function readReplace(context: EditContext): EditReading {
  refuseOthers(
    context,
    ['replace', 'instead', 'use', 'into', 'change', 'put', 'should', 'from', 'exist', 'add', 'remove', 'away', 'take'],
    ['thing', 'colour'],
  );
  const { things, colours } = sift(context.instruction);
  if (things.length === 0) return context.refuse('it names nothing that this model knows');
  if (things.length < 2) return context.refuse(`it names only one thing, ${things[0]!.concept.name}`);
  if (things.length > 2) return context.refuse('it names more than two things');
  const [oldThing, newThing] = inOrder(context, things[0]!, things[1]!);
  const was = nounOf(oldThing, context);
  const becomes = nounOf(newThing, context, colours);
  if (was.concept === becomes.concept) {
    return context.refuse(
      `both are ${was.concept.name}: say "make the ${was.concept.name} ${becomes.colour ?? 'blue'}" to recolour it`,
    );
  }
  const box = boxOf(was.concept, context);
  const place = box ? ` ${squareTokens(snapped(box, context))}` : '';
  const plan = {
    caption: `replace. ${captionOf(was)} ${captionOf(becomes)}${place}.`,
    layout: box
      ? [
          {
            factId: 'o1',
            concept: becomes.concept.id,
            ...(becomes.colour === null ? {} : { colour: becomes.colour }),
            box,
          },
        ]
      : [],
  };
  return {
    expanded: `the ${captionOf(was)} becomes a ${captionOf(becomes)}, the rest stays`,
    facts: { objects: [factOf(becomes, 'o1')], relations: [], absent: [was.concept.id] },
    plan: () => plan,
  };
}

/** [what is there, what comes]. */
function inOrder(
  { instruction: { parts } }: EditContext,
  first: NamedThing,
  second: NamedThing,
): [NamedThing, NamedThing] {
  const secondAt = parts.findLastIndex((part) => part.type === 'thing');
  const firstAt = parts.findIndex((part) => part.type === 'thing');
  const between = parts.slice(firstAt + 1, secondAt);
  const isNewFirst =
    between.some((part) => part.type === 'act' && part.act === 'instead') ||
    // 用梨替换苹果
    (parts.slice(0, firstAt).some((part) => part.type === 'act' && part.act === 'use') &&
      between.some((part) => part.type === 'act' && part.act === 'replace')) ||
    // "substitute a pear for the apple", but "substitute the apple with a pear"
    (parts.some((part) => part.type === 'act' && NEW_FIRST.test(part.phrase.text)) &&
      between.some((part) => part.type === 'act' && part.phrase.text.toLowerCase() === 'for'));
  if (isNewFirst) return [second, first];
  return first.definite === false && second.definite === true ? [second, first] : [first, second];
}
