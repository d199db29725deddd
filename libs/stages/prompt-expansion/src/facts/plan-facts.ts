import type { Box, Facts, LayoutItem, Relation } from '@atelier/contracts';
import { CONTROL_TOKENS_IGNORED, Notes, quoted, warnOfControlTokens } from '../explain.js';
import { interpret } from '../grammar/interpret.js';
import type { AskedRelation, Mention, PromptReading } from '../grammar/reading.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { neutralise } from '../text/tokens.js';
import { type ChosenObject, chooseObjects } from './choose-objects.js';
import { limitObjects, settleColours } from './limit-objects.js';
import { type Choice, choosePlace, chooseStyle, chooseTime } from './scene-choice.js';
import { bindBoxes } from './user-layout.js';

export interface FactRelation {
  readonly subject: ChosenObject;
  readonly relation: Relation;
  readonly object: ChosenObject;
}

/** Everything a prompt asks for, within the limits of the vocabulary: what the layout is planned from. */
export interface PlannedScene {
  readonly objects: readonly ChosenObject[];
  readonly relations: FactRelation[];
  readonly absent: readonly string[];
  readonly unknown: readonly string[];
  /** Where the user wants them. */
  readonly boxes: ReadonlyMap<Mention, readonly Box[]>;
  readonly place: Choice;
  readonly time: Choice;
  readonly style: Choice;
}

/** Concepts that a negative prompt forbids. In it every thing named is unwanted, with or without a "no". */
export function forbiddenConcepts(
  negativePrompt: string | undefined,
  lexicon: Lexicon,
): { concepts: string[]; reading: PromptReading | null } {
  if (!negativePrompt) return { concepts: [], reading: null };
  const reading = interpret(neutralise(negativePrompt).text, lexicon);
  return { concepts: [...new Set(reading.mentions.flatMap((mention) => mention.concept ?? []))], reading };
}

export function planFacts(
  prompt: string,
  negativePrompt: string | undefined,
  layout: readonly LayoutItem[],
  lexicon: Lexicon,
  notes: Notes,
  maxObjects = lexicon.vocabulary.maxObjects,
): PlannedScene {
  const { vocabulary } = lexicon;
  const { text, removed } = neutralise(prompt);
  if (removed.length > 0) {
    notes.explain('dropped', removed.slice(0, 5).join(' '), '', CONTROL_TOKENS_IGNORED);
    warnOfControlTokens(removed, notes);
  }
  const reading = interpret(text, lexicon);
  const boxes = bindBoxes(layout, reading, lexicon, notes);
  const forbidden = forbiddenConcepts(negativePrompt, lexicon);
  if (forbidden.reading) reading.excludedScene.push(...forbidden.reading.scene, ...forbidden.reading.excludedScene);
  for (const concept of forbidden.concepts) {
    notes.explain('negation', concept, concept, `The negative prompt forbids ${concept}.`);
  }
  const chosen = chooseObjects(reading, forbidden.concepts, vocabulary, notes);
  const relations = askedRelations(reading.relations, chosen.objects, notes);
  const related = new Set(relations.flatMap(({ subject, object }) => [subject, object]));
  const objects = limitObjects(chosen.objects, related, maxObjects, notes);
  const coloured = objects.flatMap(({ concept, colour }) => (colour === null ? [] : [{ concept, colour }]));
  const style = chooseStyle(coloured, reading, vocabulary, notes);
  settleColours(objects, style.id, vocabulary, notes);
  tellUndrawn(reading, notes);
  return {
    objects,
    relations: relations.filter(({ subject, object }) => objects.includes(subject) && objects.includes(object)),
    absent: chosen.absent,
    unknown: chosen.unknown,
    boxes,
    style,
    place: choosePlace(
      objects.map((object) => object.concept),
      reading,
      vocabulary,
      notes,
    ),
    time: chooseTime(reading, vocabulary, notes),
  };
}

const OPPOSITE: Readonly<Record<Relation, Relation>> = {
  'left-of': 'right-of',
  'right-of': 'left-of',
  above: 'below',
  below: 'above',
  'in-front-of': 'behind',
  behind: 'in-front-of',
};

/** Relations between what is drawn; "beside" gets a side, and what contradicts an earlier one is dropped. */
function askedRelations(
  asked: readonly AskedRelation[],
  objects: readonly ChosenObject[],
  notes: Notes,
): FactRelation[] {
  const facts: FactRelation[] = [];
  const relationOf = (a: ChosenObject, b: ChosenObject): Relation | undefined =>
    facts.find((fact) => fact.subject === a && fact.object === b)?.relation;
  for (const { subject: from, relation, object: to } of asked) {
    const subject = objects.find((object) => object.mentions.includes(from));
    const object = objects.find((candidate) => candidate.mentions.includes(to));
    if (!subject || !object || subject === object) continue;
    const known = relationOf(subject, object) ?? inverse(relationOf(object, subject));
    if (relation === 'beside') {
      if (known === 'left-of' || known === 'right-of') continue;
      const leftTaken = facts.some(
        (fact) =>
          (fact.object === object && fact.relation === 'left-of') ||
          (fact.subject === object && fact.relation === 'right-of'),
      );
      const side = leftTaken ? 'right-of' : 'left-of';
      facts.push({ subject, relation: side, object });
      notes.explain(
        'layout',
        'beside',
        side,
        `${subject.concept.name} is put ${side.replace('-', ' ')} ${object.concept.name}.`,
      );
      continue;
    }
    if (known === relation) continue;
    // The rule of the captions says one thing about a pair, so two different relations cannot both hold.
    if (known !== undefined) {
      const message = `${quoted(from.phrase.text)} cannot be both ${known} and ${relation} ${quoted(to.phrase.text)}: the first counts.`;
      notes.explain('dropped', relation, known, message);
      notes.warn('relation_dropped', message);
      continue;
    }
    facts.push({ subject, relation, object });
  }
  return facts;
}

const inverse = (relation: Relation | undefined): Relation | undefined =>
  relation === undefined ? undefined : OPPOSITE[relation];

function tellUndrawn(reading: PromptReading, notes: Notes): void {
  for (const text of reading.texts) {
    const message = `${quoted(text)} is a text or a name: not drawn.`;
    notes.explain('dropped', text, '', message);
    notes.warn('text_not_drawn', message);
  }
  for (const { phrase, object } of reading.lostRelations) {
    const message = `${quoted(`${phrase.text} ${object}`)} cannot be shown: the things are drawn without it.`;
    notes.explain('dropped', phrase.text, '', message);
    notes.warn('relation_dropped', message);
  }
  const ignored = [...new Set(reading.ignored.map((phrase) => phrase.text.toLowerCase()))].slice(0, 20);
  if (ignored.length === 0) return;
  const message = `Without effect on the picture: ${ignored.join(', ')}.`;
  notes.explain('dropped', ignored.join(', '), '', message);
  notes.warn('words_ignored', message);
}

/** The facts as the contract has them. Ids are o1, o2, ... in order of mention. */
export function factsOf(scene: PlannedScene): Facts {
  const id = (object: ChosenObject): string => `o${scene.objects.indexOf(object) + 1}`;
  return {
    objects: scene.objects.map((object) => ({
      id: id(object),
      concept: object.concept.id,
      count: object.count,
      ...(object.colour === null ? {} : { colour: object.colour }),
      ...(object.colour !== null && object.concept.native[scene.style.id] === object.colour ? { natural: true } : {}),
    })),
    relations: scene.relations.map(({ subject, relation, object }) => ({
      subject: id(subject),
      relation,
      object: id(object),
    })),
    absent: [...scene.absent],
    ...(scene.style.asked ? { style: scene.style.id } : {}),
    ...(scene.place.asked ? { place: scene.place.id } : {}),
    ...(scene.time.asked ? { time: scene.time.id } : {}),
  };
}
