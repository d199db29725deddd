import { type Notes, quoted } from '../explain.js';
import type { Mention, PromptReading } from '../grammar/reading.js';
import type { Meaning } from '../lexicon/meaning.js';
import type { Vocabulary, VocabularyConcept } from '../vocabulary.js';

/** A thing that will be drawn, `count` times. */
export interface ChosenObject {
  readonly mentions: Mention[];
  readonly concept: VocabularyConcept;
  /** The colour the prompt names, before the style is known; null for the natural look. */
  colour: string | null;
  readonly excludedColours: readonly string[];
  count: number;
  readonly size: 'small' | 'large' | null;
  readonly side: Mention['side'];
}

export interface ObjectChoice {
  readonly objects: ChosenObject[];
  /** Concepts the prompt forbids, in order of mention. */
  readonly absent: string[];
  /** Things named that stay undrawn. */
  readonly unknown: string[];
}

/** Decides which mentions are drawn as what: stand-ins, conflicts with what is forbidden, colours split, equals merged. */
export function chooseObjects(
  reading: PromptReading,
  forbidden: readonly string[],
  vocabulary: Vocabulary,
  notes: Notes,
): ObjectChoice {
  const concepts = new Map(vocabulary.concepts.map((concept) => [concept.id, concept]));
  const absent = absentConcepts(reading, forbidden, notes);
  const named = new Set(reading.mentions.flatMap((mention) => (mention.negated ? [] : (mention.concept ?? []))));
  const objects: ChosenObject[] = [];
  const unknown: string[] = [];
  for (const mention of reading.mentions) {
    if (mention.negated) continue;
    const target = drawnAs(mention, named, absent, concepts, notes);
    if (target === null) {
      unknown.push(mention.phrase.text);
      continue;
    }
    if (absent.has(target.concept.id)) {
      const message = `The prompt both asks for and forbids ${quoted(target.concept.name)}: drawn without it.`;
      notes.explain('dropped', mention.phrase.text, '', message);
      notes.warn('conflicting_request', message);
      continue;
    }
    for (const part of byColour(mention, target, notes)) merge(objects, part);
  }
  for (const phrase of reading.takenBack) {
    notes.explain('dropped', phrase.text, '', `${quoted(phrase.text)} was taken back in the prompt: not drawn.`);
  }
  for (const phrase of reading.compared) {
    const message = `${quoted(phrase.text)} is only compared with: not drawn.`;
    notes.explain('dropped', phrase.text, '', message);
    notes.warn('comparison_ignored', message);
  }
  return { objects, absent: [...absent], unknown };
}

function absentConcepts(reading: PromptReading, forbidden: readonly string[], notes: Notes): Set<string> {
  const absent = new Set<string>();
  const positive = reading.mentions.filter((mention) => !mention.negated);
  for (const mention of reading.mentions) {
    if (!mention.negated) continue;
    const { concept, phrase } = mention;
    if (concept === undefined) {
      notes.explain('negation', phrase.text, '', `${quoted(phrase.text)} is not wanted and is never drawn.`);
      continue;
    }
    const asked = positive.filter((other) => other.concept === concept);
    // "a red car but no blue cars", "a dog and no other dogs" forbid a kind, not the thing.
    if (asked.length > 0 && (mention.other || mention.colours.length > 0)) {
      for (const other of asked) other.excludedColours.push(...mention.colours);
      continue;
    }
    absent.add(concept);
    notes.explain('negation', phrase.text, concept, `No ${mention.phrase.text} in the picture.`);
  }
  for (const concept of forbidden) absent.add(concept);
  return absent;
}

interface Target {
  readonly concept: VocabularyConcept;
  readonly colour: string | null;
}

function drawnAs(
  mention: Mention,
  named: ReadonlySet<string>,
  absent: ReadonlySet<string>,
  concepts: ReadonlyMap<string, VocabularyConcept>,
  notes: Notes,
): Target | null {
  const { phrase } = mention;
  if (mention.concept !== undefined) {
    const concept = concepts.get(mention.concept)!;
    explainName(mention, concept, notes);
    return { concept, colour: null };
  }
  for (const target of mention.standIns ?? []) {
    const concept = target.as === 'concept' ? concepts.get(target.id) : undefined;
    // A second dog for a wolf beside a dog would only confuse, and a forbidden one must not come in by the back door.
    if (!concept || named.has(concept.id) || absent.has(concept.id)) continue;
    const colour = target.as === 'concept' ? (target.colour ?? null) : null;
    const name = [colour, concept.name].filter(Boolean).join(' ');
    const message = `${quoted(phrase.text)} is not in the vocabulary: drawn as ${name}.`;
    notes.explain('substituted', phrase.text, name, message);
    notes.warn('concept_substituted', message);
    return { concept, colour };
  }
  const message = `${quoted(phrase.text)} is not in the vocabulary: drawn without it.`;
  notes.explain('dropped', phrase.text, '', message);
  notes.warn('concept_not_in_vocabulary', message);
  return null;
}

function explainName({ phrase }: Mention, concept: VocabularyConcept, notes: Notes): void {
  const meaning = phrase.meanings[0] as Extract<Meaning, { kind: 'concept' }>;
  const typed = phrase.text.toLowerCase();
  if (phrase.corrected)
    notes.explain(
      'spelling',
      phrase.text,
      phrase.corrected,
      `Read ${quoted(phrase.text)} as ${quoted(phrase.corrected)}.`,
    );
  if (meaning.source === 'translation' || phrase.language === 'zh') {
    notes.explain('translated', phrase.text, concept.name, `${phrase.text} is ${concept.name}.`);
  } else if (meaning.source === 'synonym') {
    notes.explain('synonym', phrase.text, concept.name, `${quoted(phrase.text)} is drawn as ${concept.name}.`);
  } else if (phrase.plural && !phrase.corrected && typed !== concept.name.toLowerCase()) {
    notes.explain('inflection', phrase.text, concept.name, `${quoted(phrase.text)} is the plural of ${concept.name}.`);
  }
}

/** "red and green apples" are one red and one green apple; "a red and white rocket" is red. */
function byColour(mention: Mention, target: Target, notes: Notes): ChosenObject[] {
  const colours = [...new Set(mention.colours)];
  explainColours(mention, notes);
  const unspecified = mention.plural && mention.count === null;
  const total = mention.count ?? (mention.plural ? Math.max(2, colours.length) : 1);
  if (unspecified) {
    notes.explain(
      'default',
      mention.phrase.text,
      String(total),
      `${quoted(mention.phrase.text)} names no number: drawn ${total}.`,
    );
  }
  const base = {
    mentions: [mention],
    concept: target.concept,
    excludedColours: mention.excludedColours,
    size: mention.size,
    side: mention.side,
  };
  if (colours.length < 2 || total < colours.length) {
    for (const extra of colours.slice(1)) {
      const message = `A thing has one colour here: ${target.concept.name} is drawn ${colours[0]}, without ${extra}.`;
      notes.explain('dropped', extra, colours[0]!, message);
      notes.warn('colour_dropped', message);
    }
    return [{ ...base, colour: colours[0] ?? target.colour, count: total }];
  }
  return colours.map((colour, i) => ({
    ...base,
    colour,
    count: Math.floor(total / colours.length) + (i < total % colours.length ? 1 : 0),
  }));
}

function explainColours(mention: Mention, notes: Notes): void {
  mention.colourPhrases.forEach((phrase, i) => {
    const colour = mention.colours[i]!;
    if (phrase.corrected)
      notes.explain(
        'spelling',
        phrase.text,
        phrase.corrected,
        `Read ${quoted(phrase.text)} as ${quoted(phrase.corrected)}.`,
      );
    if (phrase.language === 'zh') notes.explain('translated', phrase.text, colour, `${phrase.text} is ${colour}.`);
    else if (phrase.text.toLowerCase() !== colour)
      notes.explain('synonym', phrase.text, colour, `${quoted(phrase.text)} is a kind of ${colour}.`);
  });
}

function merge(objects: ChosenObject[], part: ChosenObject): void {
  const same = objects.find(
    (object) => object.concept === part.concept && object.colour === part.colour && object.side === part.side,
  );
  if (same) {
    same.count += part.count;
    same.mentions.push(...part.mentions);
  } else objects.push({ ...part, mentions: [...part.mentions] });
}
