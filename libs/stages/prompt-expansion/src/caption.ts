import type { Relation } from '@atelier/contracts';
import type { ChosenObject } from './facts/choose-objects.js';
import type { PlannedScene } from './facts/plan-facts.js';
import type { Square } from './layout/geometry.js';
import type { PlacedObject } from './layout/plan-layout.js';
import { englishOf, type Vocabulary } from './vocabulary.js';

/**
 * The layout caption the network is trained on (`atelier_runtime.world.captions`), things back to front:
 * `glossy. beach at sunset <v2>. red apple <x20><y40><s24>. dog <x44><y36><s32>.`
 */
export function layoutCaption(scene: PlannedScene, variant: number, placed: readonly PlacedObject[]): string {
  const parts = [`${scene.style.id}. ${scene.place.id} at ${scene.time.id} <v${variant}>.`];
  for (const { object, ...square } of placed) {
    parts.push(`${coloured(object, object.concept.name)} ${squareTokens(square)}.`);
  }
  return parts.join(' ');
}

/** `red apple`: the caption language's words for a thing. */
export const coloured = ({ colour }: Pick<ChosenObject, 'colour'>, noun: string): string =>
  colour === null ? noun : `${colour} ${noun}`;

export const squareTokens = ({ x, y, s }: Square): string => `<x${x}><y${y}><s${s}>`;

/** `to the left of`: the words the model was trained on. */
export const RELATION_WORDS: Readonly<Record<Relation, string>> = {
  'left-of': 'to the left of',
  'right-of': 'to the right of',
  above: 'above',
  below: 'below',
  'in-front-of': 'in front of',
  behind: 'behind',
};

const COUNT_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The plan as one English sentence for people: "a red apple to the left of a dog on a beach at sunset, glossy style". */
export function expandedSentence(scene: PlannedScene, vocabulary: Vocabulary): string {
  const { objects, relations } = scene;
  const place = vocabulary.places.find((term) => term.id === scene.place.id)?.en[0] ?? `at the ${scene.place.id}`;
  const time = englishOf(vocabulary.times, scene.time.id);
  const [first] = relations;
  const inline = objects.length === 2 && relations.length === 1 && first;
  const things = inline
    ? `${counted(first.subject)} ${RELATION_WORDS[first.relation]} ${counted(first.object)}`
    : enumerate(objects.map(counted));
  const rest = inline
    ? []
    : relations.map(
        (fact) => `the ${nameOf(fact.subject)} ${RELATION_WORDS[fact.relation]} the ${nameOf(fact.object)}`,
      );
  const where = `${things === '' ? 'an empty scene' : things} ${place} ${time}`;
  return `${where}${rest.length > 0 ? `, with ${enumerate(rest)}` : ''}, ${scene.style.id} style`;
}

const nameOf = (object: ChosenObject): string =>
  coloured(object, object.count > 1 ? object.concept.plural : object.concept.name);

function counted(object: ChosenObject): string {
  const name = nameOf(object);
  if (object.count > 1) return `${COUNT_WORDS[object.count] ?? object.count} ${name}`;
  return withArticle(name);
}

/** `a red apple`, `an umbrella`. */
export function withArticle(words: string): string {
  const vowel = /^[aeiou]/iu.test(words) && !/^(ufo|uni|uku|one)/iu.test(words);
  return `${vowel ? 'an' : 'a'} ${words}`;
}

function enumerate(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
