import type { FactObject, Facts, Relation, ScoringAnswer } from '@atelier/contracts';
import type { Detection, Extent } from './checker-detections.js';

/** The picture's edge in bins: the rule of relations is written in them. */
const FRAME_BINS = 64;

/** What the answers are read from. */
export interface Seen {
  readonly detections: readonly Detection[];
  /** Concepts that the checker knows: about others it is not asked. */
  readonly known: ReadonlySet<string>;
  /** What people call a concept; an id without a name is read as one. */
  readonly names: ReadonlyMap<string, string>;
  /** Probability from which something holds. */
  readonly threshold: number;
}

/**
 * One answer per asked fact that the checker can judge: is it there, in its colour, in its number, in its relation;
 * and is what must be absent absent. `confidence` is the probability that the fact holds.
 */
export function answerFacts(facts: Facts, seen: Seen): ScoringAnswer[] {
  const objects = facts.objects.filter(({ concept }) => seen.known.has(concept));
  const byId = new Map(objects.map((object) => [object.id, object]));
  return [
    ...objects.flatMap((object) => objectAnswers(object, seen)),
    ...facts.relations.flatMap(({ subject, relation, object }) => {
      const [first, second] = [byId.get(subject), byId.get(object)];
      return first && second ? [relationAnswer(first, relation, second, seen)] : [];
    }),
    ...facts.absent
      .filter((concept) => seen.known.has(concept))
      .map((concept) => answer('absent', `Is there no ${nameOf(concept, seen)}?`, 1 - strongest(seen, concept), seen)),
  ];
}

function objectAnswers(object: FactObject, seen: Seen): ScoringAnswer[] {
  const { concept, colour, count } = object;
  const answers = [answer('present', `Is there ${aOrAn(nameOf(concept, seen))}?`, strongest(seen, concept), seen)];
  if (colour !== undefined) {
    const question = `Is there ${aOrAn(label(object, seen))}?`;
    answers.push(answer('colour', question, Math.max(0, ...strengths(object, seen)), seen));
  }
  if (count > 1) {
    answers.push(
      answer('count', `Are there exactly ${count}: ${label(object, seen)}?`, countConfidence(object, seen), seen),
    );
  }
  return answers;
}

/** Exactly n are there when the n-th strongest is there and the one behind it is not. */
function countConfidence(object: FactObject, seen: Seen): number {
  const sorted = strengths(object, seen).sort((a, b) => b - a);
  return Math.min(sorted[object.count - 1] ?? 0, 1 - (sorted[object.count] ?? 0));
}

function relationAnswer(subject: FactObject, relation: Relation, object: FactObject, seen: Seen): ScoringAnswer {
  let confidence = 0;
  for (const [first, strength] of candidates(subject, seen)) {
    for (const [second, otherStrength] of candidates(object, seen)) {
      if (first === second || relationBetween(first.extent, second.extent) !== relation) continue;
      confidence = Math.max(confidence, Math.min(strength, otherStrength));
    }
  }
  const question = `Is the ${label(subject, seen)} ${RELATION_WORDS[relation]} the ${label(object, seen)}?`;
  return answer('relation', question, confidence, seen);
}

/**
 * How `a` lies to `b`, or null when nothing clear can be said: beside when the centres are clearly apart sideways and
 * more so than vertically; above when apart vertically; in front when they overlap sideways and the base of `a` is
 * lower. The same rule writes the captions the weights were trained on.
 */
export function relationBetween(a: Extent, b: Extent): Relation | null {
  const dx = ((a.left + a.right - b.left - b.right) / 2) * FRAME_BINS;
  const dy = ((a.top + a.bottom - b.top - b.bottom) / 2) * FRAME_BINS;
  const width = ((a.right - a.left + b.right - b.left) / 2) * FRAME_BINS;
  const height = ((a.bottom - a.top + b.bottom - b.top) / 2) * FRAME_BINS;
  const baseDifference = (a.bottom - b.bottom) * FRAME_BINS;
  const isBeside = Math.abs(dx) >= 0.6 * width;
  const beside = dx < 0 ? 'left-of' : 'right-of';
  if (isBeside && Math.abs(dx) >= 0.9 * Math.abs(dy)) return beside;
  if (Math.abs(dy) >= 0.75 * height) return dy < 0 ? 'above' : 'below';
  if (Math.abs(baseDifference) >= 3 && !isBeside) return baseDifference > 0 ? 'in-front-of' : 'behind';
  return isBeside ? beside : null;
}

/** Every place that may be the object, with the probability that it is, colour included. */
const candidates = (object: FactObject, { detections }: Seen): [Detection, number][] =>
  detections
    .filter(({ concept }) => concept === object.concept)
    .map((detection) => [detection, detection.probability * colourProbability(detection, object)]);

/** Natural colour is its own answer of the checker, also where it looks like the one that was asked for. */
function colourProbability({ colours, naturalColour }: Detection, { colour, natural }: FactObject): number {
  if (colour === undefined) return 1;
  return (colours[colour] ?? 0) + (natural ? naturalColour : 0);
}

const strengths = (object: FactObject, seen: Seen): number[] =>
  candidates(object, seen).map(([, strength]) => strength);

const strongest = ({ detections }: Seen, concept: string): number =>
  Math.max(0, ...detections.filter((detection) => detection.concept === concept).map(({ probability }) => probability));

const answer = (kind: ScoringAnswer['kind'], question: string, confidence: number, seen: Seen): ScoringAnswer => {
  const bounded = Math.min(1, Math.max(0, confidence));
  return { outputIndex: 0, kind, question, holds: bounded >= seen.threshold, confidence: bounded };
};

const RELATION_WORDS: Readonly<Record<Relation, string>> = {
  'left-of': 'to the left of',
  'right-of': 'to the right of',
  above: 'above',
  below: 'below',
  'in-front-of': 'in front of',
  behind: 'behind',
};

const nameOf = (concept: string, { names }: Seen): string => names.get(concept) ?? concept.replaceAll('-', ' ');
const label = ({ colour, concept }: FactObject, seen: Seen): string =>
  [colour ?? [], nameOf(concept, seen)].flat().join(' ');
const aOrAn = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
