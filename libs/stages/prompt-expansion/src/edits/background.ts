import type { EditHint } from '../errors.js';
import { quoted } from '../explain.js';
import { mixSeeds, SeededRandom } from '../seeded-random.js';
import { englishOf } from '../vocabulary.js';
import { type EditContext, type EditReading, explainWord, refuseOthers } from './edit-context.js';
import type { Part } from './instruction.js';

export const BACKGROUND_HINT: EditHint = {
  say: 'Say a place and a time of day, as in "change the background to a beach at sunset".',
  lists: ['places', 'times'],
};

type Scene = Extract<Part, { type: 'scene' }>;

/**
 * `background. beach at sunset <v2>.`, the variant by the seed. Without a time it is day, and said so; a time alone is
 * told in words, since the captions name a time only together with a place that here the picture alone knows.
 */
export function readBackground(context: EditContext): EditReading {
  refuseOthers(
    context,
    ['change', 'into', 'put', 'move', 'whole', 'ground', 'should', 'instead', 'replace', 'from', 'exist', 'keep'],
    ['scene'],
  );
  const { vocabulary } = context.lexicon;
  const place = asked('place', context);
  const time = asked('time', context);
  if (context.instruction.parts.some((part) => part.type === 'scene' && part.kind === 'style')) {
    return context.refuse('it names a style, and a background is a place and a time of day');
  }
  if (!place && !time) return context.refuse('it names no place and no time of day that this model knows');
  for (const scene of [place, time]) if (scene) tell(scene, context);
  const facts = {
    objects: [],
    relations: [],
    absent: [],
    ...(place ? { place: place.id } : {}),
    ...(time ? { time: time.id } : {}),
  };
  if (!place) {
    const when = englishOf(vocabulary.times, time!.id);
    const plan = { caption: `the same picture, but ${when}`, layout: [] };
    return { expanded: `everything stays, ${when}`, facts, plan: () => plan };
  }
  const daytime = time?.id ?? vocabulary.times[0]!.id;
  if (!time) context.notes.explain('default', '', daytime, `No time of day was named: ${daytime}.`);
  return {
    expanded: `everything ${englishOf(vocabulary.places, place.id)} ${englishOf(vocabulary.times, daytime)}`,
    facts,
    plan: (seed) => {
      const variant = new SeededRandom(mixSeeds(seed, 0)).below(vocabulary.variants);
      return { caption: `background. ${place.id} at ${daytime} <v${variant}>.`, layout: [] };
    },
  };
}

/** The place (or time) that is to be; "from the beach to the city" and "a city instead of the beach" name two. */
function asked(kind: 'place' | 'time', context: EditContext): Scene | null {
  const { parts } = context.instruction;
  const named = parts.filter((part): part is Scene => part.type === 'scene' && part.kind === kind);
  const [first, second] = named;
  if (!first) return null;
  if (named.every(({ id }) => id === first.id)) return first;
  if (named.length > 2 || !second) return context.refuse(`it names more than one ${kind}`);
  const between = parts.slice(parts.indexOf(first) + 1, parts.indexOf(second));
  const acts = between.flatMap((part) => (part.type === 'act' ? [part.act] : []));
  if (acts.includes('instead')) return first;
  if (acts.includes('into') || acts.includes('change')) return second;
  return context.refuse(
    `it names more than one ${kind}: ${quoted(first.phrase.text)} and ${quoted(second.phrase.text)}`,
  );
}

function tell({ kind, id, phrase, standIn }: Scene, { notes }: EditContext): void {
  if (!standIn) {
    explainWord(phrase, id, notes);
    return;
  }
  const message = `${quoted(phrase.text)} cannot be drawn by itself: the ${kind} is ${id}.`;
  notes.explain('substituted', phrase.text, id, message);
  notes.warn('concept_substituted', message);
}
