import type { Facts, PromptExpansionInput } from '@atelier/contracts';
import { expandedSentence, layoutCaption } from '../caption.js';
import { type EditHint, EditNotUnderstoodError } from '../errors.js';
import type { ExpandedPrompt } from '../expand-prompt.js';
import { Notes, warnOfControlTokens } from '../explain.js';
import { planFacts } from '../facts/plan-facts.js';
import type { PlacedObject } from '../layout/plan-layout.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { layoutsOf } from '../scene-layouts.js';
import { mixSeeds } from '../seeded-random.js';
import { neutralise } from '../text/tokens.js';
import type { VocabularyConcept } from '../vocabulary.js';
import { MAX_SUBJECTS, mentionOf, subjectId, subjectLexiconOf, subjectNumber, subjectsIn } from './subject-words.js';

const IDENTITY_HINT: EditHint = {
  say: 'Say what to do with it, as in "put it on a beach at night" or "draw this dog beside a house".',
  lists: ['places', 'things'],
};
const COMPOSE_HINT: EditHint = {
  say: 'Say "the thing from the first picture" and "the thing from the second picture", or "put them on a beach".',
  lists: ['places'],
};

/**
 * A scene with subjects that reference pictures show: `identity. glossy. beach at day <v1>. <ref1> sq. dog sq.`,
 * `compose. glossy. beach at day <v1>. <ref1> sq. <ref2> sq.`, `compose. <ref3>. <ref1> sq. <ref2> sq.` where one more
 * picture shows the ground. Errors: EditNotUnderstoodError.
 */
export function expandSubjects(
  prompt: string,
  index: number,
  input: PromptExpansionInput,
  { vocabulary }: Lexicon,
): ExpandedPrompt {
  const lexicon = subjectLexiconOf(vocabulary);
  const notes = new Notes();
  const refuse = (reason: string): never => {
    const hint = input.task === 'identity' ? IDENTITY_HINT : COMPOSE_HINT;
    throw new EditNotUnderstoodError(index, reason, hint, vocabulary);
  };
  const { text, removed } = neutralise(prompt);
  warnOfControlTokens(removed, notes);
  const byRole = input.references.findIndex(({ role }) => role === 'background') + 1;
  const shown = input.references.length - (byRole > 0 ? 1 : 0);
  const count = input.task === 'identity' ? 1 : Math.min(MAX_SUBJECTS, shown > 0 ? shown : 2);
  const read = subjectsIn(text, count, lexicon);
  const ground = input.task === 'compose' ? byRole || read.ground : null;
  const subjects = Array.from({ length: count }, (_, i) => i + 1).filter((number) => number !== ground);
  const missing = subjects.filter((number) => !read.mentioned.has(number));
  const sentence = missing.length > 0 ? `${mentionOf(missing)}. ${read.text}` : read.text;
  const scene = planFacts(sentence, input.negativePrompt, input.layout, lexicon, notes);
  const others = scene.objects.filter(({ concept }) => !concept.id.startsWith('<ref'));
  if (missing.length > 0 && others.length > 0 && input.task === 'identity') {
    refuse(
      `it does not say whether the picture shows the ${others[0]!.concept.name}: say "it" or "this ${others[0]!.concept.name}"`,
    );
  }
  if (others.length > 0 && input.task === 'compose') {
    refuse(`"${others[0]!.concept.name}" is in no picture that was handed in, and only those are put together`);
  }
  for (const object of scene.objects) {
    const named = read.named.get(subjectNumber(object.concept.id));
    // It is known how a named subject stands, floats or flies.
    if (named) Object.assign(object, { concept: { ...object.concept, placement: named.placement, box: named.box } });
  }
  const layouts = layoutsOf(scene, lexicon.vocabulary, notes);
  const facts = factsOfShown(layouts.facts, read.named);
  const ids = new Set(facts.objects.map(({ id }) => id));
  const expanded = expandedSentence(scene, vocabulary).replace(
    /an? <ref(\d)>|<ref(\d)>/gu,
    (_, a, b) => `subject ${a ?? b}`,
  );
  return {
    expansion: { original: prompt, expanded, facts, explanation: notes.explanation.map(withoutWords) },
    notes,
    plan: (seed, output) => {
      const { variant, placed } = layouts.draw(mixSeeds(seed, output));
      const caption = layoutCaption(scene, variant, subjectsFirst(placed));
      const told = ground === null ? caption : caption.replace(/^.*?<v\d+>\./u, `${subjectId(ground)}.`);
      const layout = layouts.planned(placed).filter(({ factId }) => ids.has(factId));
      return {
        caption: `${input.task}. ${told}`,
        layout: layout.map((item) => ({
          ...item,
          concept: facts.objects.find(({ id }) => id === item.factId)!.concept,
        })),
      };
    },
  };
}

const withoutWords = <T extends { message: string; from: string; to: string }>(entry: T): T => ({
  ...entry,
  from: entry.from.replace(/refsubject[a-d]/giu, 'the subject'),
  message: entry.message.replace(/refsubject[a-d]/giu, 'the subject'),
});

/** Training names the subjects in the order of their pictures, then what is beside them. */
function subjectsFirst(placed: readonly PlacedObject[]): PlacedObject[] {
  const rank = ({ object: { concept } }: PlacedObject): number => subjectNumber(concept.id) || MAX_SUBJECTS + 1;
  return placed
    .map((one, i) => ({ one, i }))
    .sort((a, b) => rank(a.one) - rank(b.one) || a.i - b.i)
    .map(({ one }) => one);
}

/** The checker knows concepts: a subject is asked for only where the sentence names it. */
function factsOfShown(facts: Facts, named: ReadonlyMap<number, VocabularyConcept>): Facts {
  const objects = facts.objects.flatMap((object) => {
    const number = subjectNumber(object.concept);
    if (number === 0) return [object];
    const concept = named.get(number);
    return concept ? [{ ...object, concept: concept.id }] : [];
  });
  const ids = new Set(objects.map(({ id }) => id));
  return {
    ...facts,
    objects,
    relations: facts.relations.filter(({ subject, object }) => ids.has(subject) && ids.has(object)),
  };
}
