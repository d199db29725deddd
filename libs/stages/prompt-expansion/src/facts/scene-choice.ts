import type { Notes } from '../explain.js';
import { quoted } from '../explain.js';
import type { PromptReading, SceneMention } from '../grammar/reading.js';
import type { Vocabulary, VocabularyConcept } from '../vocabulary.js';

export interface Choice {
  readonly id: string;
  /** Named in the prompt, not filled in. */
  readonly asked: boolean;
}

type Kind = SceneMention['kind'];

/** What the prompt names; the first one counts, a name before a thing that only hints at it. */
export function askedScene(kind: Kind, reading: PromptReading, notes: Notes): string | null {
  const named = reading.scene.filter((mention) => mention.kind === kind);
  const [first, ...rest] = [
    ...named.filter((mention) => !mention.standIn),
    ...named.filter((mention) => mention.standIn),
  ];
  if (!first) return null;
  explainScene(first, notes);
  for (const other of rest) {
    if (other.id === first.id) continue;
    const message = `One picture has one ${kind}: drawn ${first.id}, without ${quoted(other.phrase.text)}.`;
    notes.explain('dropped', other.phrase.text, first.id, message);
    notes.warn(other.standIn ? 'concept_not_in_vocabulary' : `one_${kind}_only`, message);
  }
  return first.id;
}

function explainScene({ phrase, id, kind, standIn }: SceneMention, notes: Notes): void {
  const typed = phrase.text.toLowerCase();
  if (phrase.corrected)
    notes.explain(
      'spelling',
      phrase.text,
      phrase.corrected,
      `Read ${quoted(phrase.text)} as ${quoted(phrase.corrected)}.`,
    );
  if (standIn) {
    const message = `${quoted(phrase.text)} cannot be drawn by itself: the ${kind} is ${id}.`;
    notes.explain('substituted', phrase.text, id, message);
    notes.warn('concept_substituted', message);
  } else if (phrase.language === 'zh')
    notes.explain('translated', phrase.text, id, `${phrase.text} is the ${kind} ${id}.`);
  else if (typed !== id) notes.explain('synonym', phrase.text, id, `${quoted(phrase.text)} is the ${kind} ${id}.`);
}

/** The first id that the prompt does not forbid. */
function firstAllowed(kind: Kind, ids: readonly string[], reading: PromptReading): string {
  const excluded = new Set(
    reading.excludedScene.filter((mention) => mention.kind === kind).map((mention) => mention.id),
  );
  return ids.find((id) => !excluded.has(id)) ?? ids[0]!;
}

const ids = (terms: readonly { readonly id: string }[]): string[] => terms.map((term) => term.id);

/** The place where most of the things are at home; among equals the home of the first thing. */
export function choosePlace(
  concepts: readonly VocabularyConcept[],
  reading: PromptReading,
  vocabulary: Vocabulary,
  notes: Notes,
): Choice {
  const asked = askedScene('place', reading, notes);
  if (asked !== null) return { id: asked, asked: true };
  const known = new Set(ids(vocabulary.places));
  const order = [...new Set([...concepts.flatMap((concept) => concept.places), ...known])].filter((id) =>
    known.has(id),
  );
  const homes = (place: string): number => concepts.filter((concept) => concept.places.includes(place)).length;
  const best = [...order].sort((a, b) => homes(b) - homes(a) || order.indexOf(a) - order.indexOf(b));
  const id = firstAllowed('place', best, reading);
  notes.explain('default', '', id, `No place was named: ${id} suits what is drawn.`);
  return { id, asked: false };
}

export function chooseTime(reading: PromptReading, vocabulary: Vocabulary, notes: Notes): Choice {
  const asked = askedScene('time', reading, notes);
  if (asked !== null) return { id: asked, asked: true };
  const id = firstAllowed('time', ids(vocabulary.times), reading);
  notes.explain('default', '', id, `No time of day was named: ${id}.`);
  return { id, asked: false };
}

/** The first style, unless another one can show more of the asked colours. */
export function chooseStyle(
  wanted: readonly { concept: VocabularyConcept; colour: string }[],
  reading: PromptReading,
  vocabulary: Vocabulary,
  notes: Notes,
): Choice {
  const asked = askedScene('style', reading, notes);
  if (asked !== null) return { id: asked, asked: true };
  const all = ids(vocabulary.styles);
  const shows = (style: string): number =>
    wanted.filter(({ concept, colour }) => concept.colours[style]?.includes(colour)).length;
  const best = [...all].sort((a, b) => shows(b) - shows(a) || all.indexOf(a) - all.indexOf(b));
  const id = firstAllowed('style', best, reading);
  const reason = id === all[0] ? '' : ', which can show the asked colours';
  notes.explain('default', '', id, `No style was named: ${id}${reason}.`);
  return { id, asked: false };
}
