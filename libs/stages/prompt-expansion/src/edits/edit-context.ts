import type { Box, Facts, OutputPlan, PromptExpansionInput } from '@atelier/contracts';
import { coloured } from '../caption.js';
import { type EditHint, EditNotUnderstoodError } from '../errors.js';
import { type Notes, quoted } from '../explain.js';
import { type Phrase, recognise } from '../grammar/recognise.js';
import type { Square } from '../layout/geometry.js';
import { snapBox } from '../layout/placement.js';
import { NATURAL_COLOURS } from '../lexicon/colour-words.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import type { EditAct } from '../lexicon/meaning.js';
import { neutralise } from '../text/tokens.js';
import type { VocabularyConcept } from '../vocabulary.js';
import type { Instruction, NamedThing, Part } from './instruction.js';

/** What an edit was understood as. `plan` gives equal results for equal seeds. */
export interface EditReading {
  /** For people: "the dog is taken out, the rest stays". */
  readonly expanded: string;
  readonly facts: Facts;
  plan(seed: number): OutputPlan;
}

export interface EditContext {
  readonly input: PromptExpansionInput;
  readonly instruction: Instruction;
  readonly lexicon: Lexicon;
  readonly notes: Notes;
  /** Throws EditNotUnderstoodError with what can be said instead. */
  refuse(reason: string): never;
}

export function editContext(
  input: PromptExpansionInput,
  promptIndex: number,
  instruction: Instruction,
  hint: EditHint,
  lexicon: Lexicon,
  notes: Notes,
): EditContext {
  return {
    input,
    instruction,
    lexicon,
    notes,
    refuse: (reason) => {
      throw new EditNotUnderstoodError(promptIndex, reason, hint, lexicon.vocabulary);
    },
  };
}

type PartOf<T extends Part['type']> = Extract<Part, { type: T }>;

/** The parts of an instruction by what they are. */
export interface Sifted {
  readonly acts: readonly EditAct[];
  readonly things: readonly NamedThing[];
  readonly colours: readonly PartOf<'colour'>[];
  readonly scenes: readonly PartOf<'scene'>[];
  readonly sides: readonly PartOf<'side'>[];
  readonly relations: readonly PartOf<'relation'>[];
  readonly pictures: readonly PartOf<'picture'>[];
}

export function sift({ parts }: Instruction): Sifted {
  const of = <T extends Part['type']>(type: T): PartOf<T>[] =>
    parts.filter((part): part is PartOf<T> => part.type === type);
  return {
    acts: of('act').map(({ act }) => act),
    things: of('thing').map(({ thing }) => thing),
    colours: of('colour'),
    scenes: of('scene'),
    sides: of('side'),
    relations: of('relation'),
    pictures: of('picture'),
  };
}

/** Refuses the first part that a task has no use for, so that an edit never does less than was asked. */
export function refuseOthers(
  context: EditContext,
  acts: readonly EditAct[],
  types: readonly Exclude<Part['type'], 'act' | 'and' | 'stop' | 'strange'>[],
): void {
  for (const part of context.instruction.parts) {
    if (part.type === 'and' || part.type === 'stop') continue;
    const known =
      part.type === 'act' ? acts.includes(part.act) : part.type !== 'strange' && types.includes(part.type as never);
    if (known) continue;
    const phrase = part.type === 'thing' ? part.thing.phrase : part.phrase;
    context.refuse(`${quoted(phrase.text)} is not understood here`);
  }
}

/** A thing with the colour that tells it apart or that it is to have. */
export interface Noun {
  readonly concept: VocabularyConcept;
  readonly colour: string | null;
  readonly phrase: Phrase;
}

/** Errors: refuses several things at once, several colours, and a colour that the thing cannot have. */
export function nounOf(thing: NamedThing, context: EditContext, more: readonly PartOf<'colour'>[] = []): Noun {
  const { concept, phrase, count } = thing;
  if (count !== null && count > 1) {
    const one = `${quoted(phrase.text)} are several, and an edit changes one thing at a time`;
    context.refuse(
      phrase.plural ? one : `${count} of ${quoted(phrase.text)} are several, and an edit changes one thing at a time`,
    );
  }
  const phrases = [...thing.colours, ...more.map((colour) => colour.phrase)];
  const ids = [...new Set(phrases.map(colourOf))];
  if (ids.length > 1) context.refuse(`it names more than one colour of ${quoted(phrase.text)}`);
  explainWord(phrase, concept.name, context.notes);
  const [colour] = ids;
  if (colour === undefined) return { concept, colour: null, phrase };
  const possible = [...new Set(Object.values(concept.colours).flat())];
  if (possible.includes(colour)) {
    explainWord(phrases[0]!, colour, context.notes);
    return { concept, colour, phrase };
  }
  const natural = Object.values(concept.native).includes(colour) || NATURAL_COLOURS[concept.id]?.includes(colour);
  if (!natural) {
    const known = possible.length > 0 ? `only ${possible.join(', ')}` : 'no colour but its own';
    return context.refuse(`${concept.name} cannot be ${phrases[0]!.text}, ${known}`);
  }
  context.notes.explain('kept', colour, concept.name, `${concept.name} is ${colour} by nature.`);
  return { concept, colour: null, phrase };
}

const colourOf = ({ meanings: [meaning] }: Phrase): string => (meaning.kind === 'colour' ? meaning.id : '');

export const captionOf = (noun: Pick<Noun, 'concept' | 'colour'>): string => coloured(noun, noun.concept.name);

export function factOf({ concept, colour }: Pick<Noun, 'concept' | 'colour'>, id: string): Facts['objects'][number] {
  const natural = colour !== null && Object.values(concept.native).every((native) => native === colour);
  return { id, concept: concept.id, count: 1, ...(colour === null ? {} : { colour }), ...(natural ? { natural } : {}) };
}

/** Tells how a word was read where that is not plain. */
export function explainWord({ text, language, corrected, plural }: Phrase, meant: string, notes: Notes): void {
  if (corrected) notes.explain('spelling', text, corrected, `Read ${quoted(text)} as ${quoted(corrected)}.`);
  if (plural || text.toLowerCase() === meant.toLowerCase() || corrected === meant) return;
  if (language === 'zh') notes.explain('translated', text, meant, `${text} is ${meant}.`);
  else notes.explain('synonym', text, meant, `${quoted(text)} is ${meant}.`);
}

export function tellIgnored({ ignored }: Instruction, notes: Notes): void {
  if (ignored.length === 0) return;
  const list = [...new Set(ignored.map(({ text }) => text.toLowerCase()))].join(', ');
  notes.explain('dropped', list, '', `Without effect on the picture: ${list}.`);
  notes.warn('words_ignored', `Without effect on the picture: ${list}.`);
}

/** The box that the caller drew around the thing: a layout item that names it. */
export function namedBox(
  concept: VocabularyConcept,
  { input, lexicon }: Pick<EditContext, 'input' | 'lexicon'>,
): Box | undefined {
  return input.layout.find(({ phrase }) =>
    recognise(neutralise(phrase).text, lexicon).some(
      ({ meanings: [meaning] }) => meaning.kind === 'concept' && meaning.id === concept.id,
    ),
  )?.box;
}

/** The one thing that an edit is about. Errors: refuses none and several. */
export function onlyThing(context: EditContext): NamedThing {
  const [thing, another] = sift(context.instruction).things;
  if (!thing) return context.refuse('it names nothing that this model knows');
  return another ? context.refuse('it names more than one thing') : thing;
}

/** Where the thing lies in the given picture, if the caller said so. */
export const boxOf = (concept: VocabularyConcept, context: Pick<EditContext, 'input' | 'lexicon'>): Box | undefined =>
  context.input.editBox ?? namedBox(concept, context);

export const snapped = (box: Box, { lexicon }: EditContext): Square => snapBox(box, lexicon.vocabulary);
