import { type Notes, quoted } from '../explain.js';
import { NATURAL_COLOURS, NEAREST_COLOURS } from '../lexicon/colour-words.js';
import type { Vocabulary } from '../vocabulary.js';
import type { ChosenObject } from './choose-objects.js';

/** Gives every object a colour its style can show, the nearest one, or its natural look. */
export function settleColours(
  objects: readonly ChosenObject[],
  style: string,
  vocabulary: Vocabulary,
  notes: Notes,
): void {
  for (const object of objects) {
    const { concept, colour: asked } = object;
    const allowed = (concept.colours[style] ?? []).filter((colour) => !object.excludedColours.includes(colour));
    const native = concept.native[style] ?? null;
    if (asked === null) {
      // "an apple that is not red": the natural red has to give way.
      if (native !== null && object.excludedColours.includes(native)) avoidNative(object, native, allowed, notes);
      continue;
    }
    if (allowed.includes(asked)) continue;
    const naturally = native === asked || (NATURAL_COLOURS[concept.id]?.includes(asked) ?? false);
    if (naturally && !object.excludedColours.includes(asked)) {
      object.colour = null;
      notes.explain('kept', asked, concept.name, `${concept.name} is ${asked} by nature: drawn as it is.`);
      continue;
    }
    const nearest = (NEAREST_COLOURS[asked] ?? []).find((colour) => allowed.includes(colour));
    object.colour = nearest ?? null;
    const reason = vocabulary.colours.some((colour) => colour.id === asked)
      ? `cannot be ${asked} in the style ${style}`
      : `cannot be ${asked}`;
    const message = `${quoted(concept.name)} ${reason}: drawn ${nearest ?? 'in its natural colours'}.`;
    notes.explain(nearest ? 'substituted' : 'dropped', asked, nearest ?? '', message);
    notes.warn(nearest ? 'colour_substituted' : 'colour_dropped', message);
  }
}

function avoidNative(object: ChosenObject, native: string, allowed: readonly string[], notes: Notes): void {
  const other = ['green', 'yellow', 'blue', ...allowed].find((colour) => colour !== native && allowed.includes(colour));
  if (other === undefined) return;
  object.colour = other;
  notes.explain('negation', native, other, `${object.concept.name} is not to be ${native}: drawn ${other}.`);
}

/**
 * Keeps within what one picture holds: first every number, then the sum. Things named later, without relations, give
 * way first; of many equals some go before a whole kind goes.
 */
export function limitObjects(
  objects: readonly ChosenObject[],
  related: ReadonlySet<ChosenObject>,
  limit: number,
  notes: Notes,
): ChosenObject[] {
  const importance = (object: ChosenObject): number => objects.indexOf(object) - (related.has(object) ? 2.5 : 0);
  const kept = [...objects].sort((a, b) => importance(a) - importance(b)).slice(0, limit);
  for (const object of objects) {
    if (kept.includes(object)) continue;
    const message = `A picture holds at most ${limit} things: drawn without ${quoted(object.concept.name)}.`;
    notes.explain('dropped', object.concept.name, '', message);
    notes.warn('too_many_objects', message);
  }
  reduceCounts(kept, limit, notes);
  return objects.filter((object) => kept.includes(object));
}

function reduceCounts(kept: readonly ChosenObject[], limit: number, notes: Notes): void {
  const asked = kept.map((object) => object.count);
  for (const object of kept) object.count = Math.min(object.count, limit);
  const total = (): number => kept.reduce((sum, object) => sum + object.count, 0);
  while (total() > limit) {
    const most = Math.max(...kept.map((object) => object.count));
    kept.findLast((object) => object.count === most)!.count--;
  }
  kept.forEach((object, i) => {
    if (object.count === asked[i]) return;
    const message = `A picture holds at most ${limit} things: drawn ${object.count} instead of ${asked[i]} ${object.concept.plural}.`;
    notes.explain('dropped', String(asked[i]), String(object.count), message);
    notes.warn('count_clamped', message);
  });
}
