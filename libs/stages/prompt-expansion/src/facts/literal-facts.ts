import type { Facts } from '@atelier/contracts';
import { type Notes, quoted, warnOfControlTokens } from '../explain.js';
import { interpret } from '../grammar/interpret.js';
import type { Mention } from '../grammar/reading.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { neutralise } from '../text/tokens.js';
import { forbiddenConcepts } from './plan-facts.js';

const MAX_FACT_COUNT = 9;

/** What a prompt that goes to the model as typed asks for: nothing is substituted, limited or filled in. */
export function literalFacts(
  prompt: string,
  negativePrompt: string | undefined,
  lexicon: Lexicon,
  notes: Notes,
): Facts {
  const { text, removed } = neutralise(prompt);
  notes.explain('kept', prompt, text, 'The prompt goes to the model as typed.');
  warnOfControlTokens(removed, notes);
  const reading = interpret(text, lexicon);
  const drawn: Mention[] = [];
  for (const mention of reading.mentions) {
    if (mention.negated) continue;
    if (mention.concept !== undefined) drawn.push(mention);
    else
      notes.warn(
        'concept_not_in_vocabulary',
        `${quoted(mention.phrase.text)} is not in the vocabulary of this model: it may not be drawn.`,
      );
  }
  const id = (mention: Mention): string => `o${drawn.indexOf(mention) + 1}`;
  const absent = reading.mentions.filter(
    (mention) => mention.negated && !mention.other && mention.colours.length === 0,
  );
  const scene = (kind: string): string | undefined =>
    reading.scene.find((mention) => mention.kind === kind && !mention.standIn)?.id;
  const [style, place, time] = [scene('style'), scene('place'), scene('time')];
  return {
    objects: drawn.map((mention) => ({
      id: id(mention),
      concept: mention.concept!,
      count: Math.min(MAX_FACT_COUNT, mention.count ?? (mention.plural ? 2 : 1)),
      ...(mention.colours[0] === undefined ? {} : { colour: mention.colours[0] }),
    })),
    relations: reading.relations.flatMap(({ subject, relation, object }) =>
      relation !== 'beside' && drawn.includes(subject) && drawn.includes(object)
        ? [{ subject: id(subject), relation, object: id(object) }]
        : [],
    ),
    absent: [
      ...new Set([
        ...absent.flatMap((mention) => mention.concept ?? []),
        ...forbiddenConcepts(negativePrompt, lexicon).concepts,
      ]),
    ],
    ...(style === undefined ? {} : { style }),
    ...(place === undefined ? {} : { place }),
    ...(time === undefined ? {} : { time }),
  };
}
