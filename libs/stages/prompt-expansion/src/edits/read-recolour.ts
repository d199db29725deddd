import { type EditHint, EditNotUnderstoodError } from '../errors.js';
import { quoted } from '../explain.js';
import { type Phrase, recognise } from '../grammar/recognise.js';
import { SHADE_WORDS } from '../lexicon/colour-words.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import type { MeaningKind } from '../lexicon/meaning.js';
import type { VocabularyConcept } from '../vocabulary.js';

/** One thing of the picture and the colour it is to have. */
export interface Recolour {
  readonly concept: VocabularyConcept;
  readonly colour: string;
  readonly conceptPhrase: Phrase;
  readonly colourPhrase: Phrase;
  /** Words that were understood and change nothing: shades, sizes, moods. */
  readonly ignored: readonly Phrase[];
}

/** Words that only say that something is to change; the lexicon of drawing reads them as something else. */
const EDIT_WORDS: ReadonlySet<string> = new Set([
  ...'turn change changed colour color recolour recolor dye tint repaint painted'.split(' '),
  ...['the colour of', 'the color of', 'in colour', 'in color'],
  ...['改成', '换成', '变成', '变为', '改为', '换为'],
]);

const RECOLOUR_HINT: EditHint = {
  say: 'Say one thing and then its new colour, as in "make the apple blue".',
  lists: ['things', 'colours'],
};

const WITHOUT_MEANING: ReadonlySet<MeaningKind> = new Set<MeaningKind>([
  'filler',
  'determiner',
  'break',
  'copula',
  'in',
  'of',
  'and',
  'with',
  'which',
  'pronoun',
  'comma',
  'stop',
  'quote',
]);

/**
 * Reads "make the apple blue", "turn the red apple green", 把红苹果变成蓝色: exactly one thing, and one colour said after
 * it. A colour before the thing says how it looks now. Whatever else could mean something is refused, so that an edit
 * never does less, or something else, than was asked.
 * Errors: EditNotUnderstoodError, whose sentence names what can be said.
 */
export function readRecolour(text: string, promptIndex: number, lexicon: Lexicon): Recolour {
  const refuse = (reason: string): never => {
    throw new EditNotUnderstoodError(promptIndex, reason, RECOLOUR_HINT, lexicon.vocabulary);
  };
  const things: Phrase[] = [];
  const colours: Phrase[] = [];
  const ignored: Phrase[] = [];
  let from = false;
  for (const phrase of recognise(text, lexicon)) {
    const word = phrase.text.toLowerCase();
    const [meaning] = phrase.meanings;
    if (meaning.kind === 'colour') {
      if (things.length > 0 && !from) colours.push(phrase);
      from = false;
      continue;
    }
    from = word === 'from' || word === '从';
    if (meaning.kind === 'concept') {
      if (phrase.plural) refuse(`${quoted(phrase.text)} are several, and only one thing can be recoloured at a time`);
      things.push(phrase);
    } else if (WITHOUT_MEANING.has(meaning.kind) || EDIT_WORDS.has(word)) {
      // says nothing about what is to change
    } else if (meaning.kind === 'descriptive' || SHADE_WORDS.has(word)) {
      if (phrase.known) ignored.push(phrase);
    } else if (meaning.kind === 'size' && things.length === 0) ignored.push(phrase);
    else if (meaning.kind !== 'count' || meaning.count !== 1) refuse(`${quoted(phrase.text)} is not understood here`);
  }

  const [thing] = things;
  const [colour, another] = colours;
  if (!thing) return refuse('it names nothing that this model knows');
  if (new Set(things.map(conceptOf)).size > 1) return refuse('it names more than one thing');
  if (!colour) return refuse(`it names no new colour after ${quoted(thing.text)}`);
  if (another && colourOf(another) !== colourOf(colour)) return refuse('it names more than one new colour');
  const concept = lexicon.vocabulary.concepts.find(({ id }) => id === conceptOf(thing)) as VocabularyConcept;
  const possible = coloursOf(concept);
  if (!possible.includes(colourOf(colour))) {
    const known = possible.length > 0 ? `only ${possible.join(', ')}` : 'no other colour';
    return refuse(`${concept.name} cannot become ${colour.text}, ${known}`);
  }
  return { concept, colour: colourOf(colour), conceptPhrase: thing, colourPhrase: colour, ignored };
}

/** Colours that some style can give the thing. */
export const coloursOf = (concept: VocabularyConcept): string[] => [...new Set(Object.values(concept.colours).flat())];

const idOf = (phrase: Phrase, kind: 'concept' | 'colour'): string => {
  const [meaning] = phrase.meanings;
  return meaning.kind === kind ? meaning.id : '';
};
const conceptOf = (phrase: Phrase): string => idOf(phrase, 'concept');
const colourOf = (phrase: Phrase): string => idOf(phrase, 'colour');
