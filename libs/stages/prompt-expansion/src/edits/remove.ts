import { squareTokens } from '../caption.js';
import type { EditHint } from '../errors.js';
import {
  boxOf,
  captionOf,
  type EditContext,
  type EditReading,
  nounOf,
  refuseOthers,
  sift,
  snapped,
} from './edit-context.js';

export const REMOVE_HINT: EditHint = {
  say: 'Say one thing, as in "remove the dog" or "remove the red apple"; a box around it tells which one.',
  lists: ['things'],
};

/** "the picture without the dog", but not "everything". */
const PICTURE = /picture|image|photo|scene|drawing|图|画|照片/iu;

/** `remove. red apple.`, and with a box around it `remove. red apple <x20><y40><s24>.` */
export function readRemove(context: EditContext): EditReading {
  const { instruction } = context;
  const { things, colours, sides, relations } = sift(instruction);
  const acts = ['remove', 'take', 'away', 'without', 'from', 'should', 'exist', 'change', 'into', 'whole'] as const;
  refuseOthers(context, acts, ['thing', 'colour', 'side', 'relation']);
  const all = instruction.parts.find(
    (part) => part.type === 'act' && part.act === 'whole' && !PICTURE.test(part.phrase.text),
  );
  if (all && 'phrase' in all) return context.refuse(`"${all.phrase.text}" is not understood here`);
  const [thing, another] = things;
  if (!thing) return context.refuse('it names nothing that this model knows');
  if (another && another.concept !== thing.concept) return context.refuse('it names more than one thing');
  const noun = nounOf(thing, context, colours);
  const box = boxOf(noun.concept, context);
  const [told] = [...sides, ...relations];
  if (told && !box)
    return context.refuse(`"${told.phrase.text}" cannot tell things apart here, a box around the thing can`);
  const place = box ? ` ${squareTokens(snapped(box, context))}` : '';
  const plan = { caption: `remove. ${captionOf(noun)}${place}.`, layout: [] };
  return {
    expanded: `the ${captionOf(noun)} is taken out, the rest stays`,
    facts: { objects: [], relations: [], absent: [noun.concept.id] },
    plan: () => plan,
  };
}
