import type { EditHint } from '../errors.js';
import { type EditContext, type EditReading, explainWord, refuseOthers, sift } from './edit-context.js';

export const STYLE_HINT: EditHint = {
  say: 'Say one style, as in "redraw it in flat style", or show one by a second picture: "in the style of the second picture".',
  lists: ['styles'],
};

/** `style. flat.`, or `style. <ref2>.` where a second picture shows the style. */
export function readStyle(context: EditContext): EditReading {
  refuseOthers(
    context,
    ['change', 'into', 'whole', 'style', 'use', 'should', 'add', 'keep', 'from', 'put'],
    ['scene', 'picture'],
  );
  const { scenes, pictures } = sift(context.instruction);
  const other = scenes.find(({ kind }) => kind !== 'style');
  if (other) return context.refuse(`"${other.phrase.text}" is no style`);
  const styles = [...new Set(scenes.map(({ id }) => id))];
  const shown = shownBy(
    pictures.map(({ number }) => number),
    context,
  );
  if (styles.length > 1) return context.refuse('it names more than one style');
  const [style] = styles;
  if (style !== undefined && shown !== null) return context.refuse('it names one style and shows another');
  if (shown !== null) {
    const plan = { caption: `style. <ref${shown}>.`, layout: [] };
    const expanded = `the same picture in the style of picture ${shown}`;
    return { expanded, facts: { objects: [], relations: [], absent: [] }, plan: () => plan };
  }
  const [named] = scenes;
  if (style === undefined || !named) return context.refuse('it names no style that this model knows');
  if (named.standIn) return context.refuse(`"${named.phrase.text}" is no style that this model knows`);
  explainWord(named.phrase, style, context.notes);
  const plan = { caption: `style. ${style}.`, layout: [] };
  return {
    expanded: `the same picture in ${style} style`,
    facts: { objects: [], relations: [], absent: [], style },
    plan: () => plan,
  };
}

/** Number of the reference that shows the style, by its role or as the sentence says; null without one. */
function shownBy(numbers: readonly number[], { input: { references }, refuse }: EditContext): number | null {
  const byRole = references.findIndex(({ role }) => role === 'style') + 1;
  const said = numbers.filter((number) => number > 1);
  const [number = byRole] = said;
  if (new Set(said).size > 1 || (byRole > 0 && number !== byRole))
    refuse('it speaks of another picture than the one that shows the style');
  if (number === 0) return null;
  if (references.length > 0 && number > references.length) refuse(`there is no picture ${number}`);
  return number;
}
