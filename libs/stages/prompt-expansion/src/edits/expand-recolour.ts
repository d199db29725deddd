import type { Facts, OutputPlan, PromptExpansionInput } from '@atelier/contracts';
import { squareTokens } from '../caption.js';
import type { Expansion } from '../expand-prompt.js';
import { Notes, quoted } from '../explain.js';
import { snapBox } from '../layout/placement.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { neutralise } from '../text/tokens.js';
import { boxOf, captionOf, factOf } from './edit-context.js';
import { type Recolour, readRecolour } from './read-recolour.js';

const FACT_ID = 'o1';

/**
 * An instruction to recolour one thing, in the caption language of the task: `recolour. blue apple.`, and with a place
 * where the caller drew a box around it, `recolour. blue apple <x20><y40><s24>.` (centre and side in bins).
 * Errors: EditNotUnderstoodError.
 */
export function expandRecolour(
  prompt: string,
  promptIndex: number,
  input: PromptExpansionInput,
  lexicon: Lexicon,
): { readonly expansion: Expansion; readonly notes: Notes; readonly plan: OutputPlan } {
  const notes = new Notes();
  const read = readRecolour(neutralise(prompt).text, promptIndex, lexicon);
  const { concept, colour } = read;
  explain(read, notes);
  const box = boxOf(concept, { input, lexicon });
  const place = box ? ` ${squareTokens(snapBox(box, lexicon.vocabulary))}` : '';
  const facts: Facts = { objects: [factOf(read, FACT_ID)], relations: [], absent: [] };
  return {
    notes,
    expansion: {
      original: prompt,
      expanded: `the ${concept.name} becomes ${colour}, the rest stays`,
      facts,
      explanation: notes.explanation,
    },
    plan: {
      caption: `recolour. ${captionOf(read)}${place}.`,
      layout: box ? [{ factId: FACT_ID, concept: concept.id, colour, box }] : [],
    },
  };
}

function explain({ concept, colour, conceptPhrase, colourPhrase, ignored }: Recolour, notes: Notes): void {
  for (const { corrected, text } of [conceptPhrase, colourPhrase]) {
    if (corrected) notes.explain('spelling', text, corrected, `Read ${quoted(text)} as ${quoted(corrected)}.`);
  }
  const words = [
    [conceptPhrase, concept.name],
    [colourPhrase, colour],
  ] as const;
  for (const [{ text, language, corrected }, meant] of words) {
    if (text.toLowerCase() === meant || corrected === meant) continue;
    const kind = language === 'zh' ? 'translated' : 'synonym';
    notes.explain(kind, text, meant, language === 'zh' ? `${text} is ${meant}.` : `${quoted(text)} is ${meant}.`);
  }
  if (ignored.length === 0) return;
  const list = ignored.map(({ text }) => text.toLowerCase()).join(', ');
  notes.explain('dropped', list, '', `Without effect on the picture: ${list}.`);
  notes.warn('words_ignored', `Without effect on the picture: ${list}.`);
}
