import type { Box, LayoutItem } from '@atelier/contracts';
import { type Notes, quoted } from '../explain.js';
import { interpret } from '../grammar/interpret.js';
import type { Mention, PromptReading } from '../grammar/reading.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { neutralise } from '../text/tokens.js';

/**
 * Binds the user's boxes to what the prompt names; a box of something the prompt does not name asks for it.
 * Adds such mentions to the reading.
 */
export function bindBoxes(
  layout: readonly LayoutItem[],
  reading: PromptReading,
  lexicon: Lexicon,
  notes: Notes,
): Map<Mention, Box[]> {
  const boxes = new Map<Mention, Box[]>();
  for (const { phrase, box } of layout) {
    const [wanted] = interpret(neutralise(phrase).text, lexicon).mentions.filter((mention) => !mention.negated);
    if (!wanted) {
      notes.warn('layout_item_ignored', `The layout item ${quoted(phrase)} names nothing that can be drawn: ignored.`);
      continue;
    }
    const mention = named(wanted, reading, boxes) ?? add(wanted, reading);
    boxes.set(mention, [...(boxes.get(mention) ?? []), box]);
  }
  return boxes;
}

function named(wanted: Mention, reading: PromptReading, boxes: ReadonlyMap<Mention, Box[]>): Mention | undefined {
  const room = (mention: Mention): boolean =>
    (boxes.get(mention)?.length ?? 0) < (mention.count ?? (mention.plural ? 2 : 1));
  const sameThing = (mention: Mention): boolean =>
    wanted.concept === undefined
      ? wanted.phrase.text.toLowerCase() === mention.phrase.text.toLowerCase()
      : wanted.concept === mention.concept;
  const open = reading.mentions.filter((mention) => !mention.negated && room(mention) && sameThing(mention));
  const colour = wanted.colours[0];
  if (colour === undefined) return open[0];
  return (
    open.find((mention) => mention.colours.includes(colour)) ?? open.find((mention) => mention.colours.length === 0)
  );
}

function add(wanted: Mention, reading: PromptReading): Mention {
  reading.mentions.push(wanted);
  return wanted;
}
