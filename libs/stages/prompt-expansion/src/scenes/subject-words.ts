import { recognise } from '../grammar/recognise.js';
import { keptWithVocabulary, Lexicon } from '../lexicon/lexicon.js';
import type { Vocabulary, VocabularyConcept } from '../vocabulary.js';

/** As many reference pictures as a caption can name. */
export const MAX_SUBJECTS = 4;

/** A word no person types, for a subject in a sentence that is read by the grammar of descriptions. */
const wordOf = (number: number): string => `refsubject${'abcd'[number - 1]}`;

export const subjectId = (number: number): string => `<ref${number}>`;

/** The number in `<ref1>`, 0 for the id of anything else. */
export const subjectNumber = (id: string): number => Number(/^<ref(\d)>$/u.exec(id)?.[1] ?? 0);

/** A lexicon in which `<ref1>` ... are things like others. */
export const subjectLexiconOf = keptWithVocabulary((vocabulary) => {
  const subjects = Array.from({ length: MAX_SUBJECTS }, (_, i) => subjectConcept(i + 1, vocabulary));
  return new Lexicon({ ...vocabulary, concepts: [...vocabulary.concepts, ...subjects] });
});

/** A thing of unknown shape: it fills its square and stands on the ground. */
function subjectConcept(number: number, { styles }: Vocabulary): VocabularyConcept {
  const perStyle = <T>(value: T): Record<string, T> => Object.fromEntries(styles.map(({ id }) => [id, value]));
  return {
    id: subjectId(number),
    name: subjectId(number),
    plural: subjectId(number),
    nameZh: wordOf(number),
    synonyms: [wordOf(number)],
    synonymsZh: [],
    placement: 'ground',
    theme: 'subject',
    places: [],
    native: perStyle(null),
    colours: perStyle([]),
    box: perStyle([0, 0, 1, 1] as [number, number, number, number]),
  };
}

export interface SubjectText {
  /** The sentence with one word for every subject. */
  readonly text: string;
  /** Concepts by which subjects were named: "this dog". */
  readonly named: ReadonlyMap<number, VocabularyConcept>;
  readonly mentioned: ReadonlySet<number>;
  /** Number of the picture that shows the ground, if the sentence says so. */
  readonly ground: number | null;
}

const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  '1st': 1,
  '2nd': 2,
  '3rd': 3,
  '4th': 4,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  '1': 1,
  '2': 2,
  '3': 3,
  '4': 4,
};

const PICTURE = '(?:picture|image|photo|reference|drawing|pic)';
const NTH = '(first|second|third|fourth|1st|2nd|3rd|4th)';
const GROUND_EN = new RegExp(
  `(?:in|on|at|with|against) (?:the )?(?:place|background|ground|scene|setting) (?:of|from|in) the ${NTH} ${PICTURE}`,
  'giu',
);
const GROUND_ZH = /(?:在)?第([一二三四])张图(?:片)?的(?:地方|背景|场景)(?:里|中|上)?/gu;
const NO_NOUN = `(?!(?:the|of|a|an|and|left|right|behind|${NTH.slice(1, -1)})\\b)`;
const OF_NTH = new RegExp(
  `(?:the|this|that) ((?:${NO_NOUN}\\p{L}+ ){0,3}?${NO_NOUN}\\p{L}+) (?:from|in|of|on) (?:the )?${NTH}(?: ${PICTURE})?\\b`,
  'giu',
);
const NTH_ONE = new RegExp(`(?:the )?${NTH} (?:one|thing|subject|object|${PICTURE})`, 'giu');
const NUMBERED = new RegExp(`${PICTURE} ([1-4])\\b`, 'giu');
const OF_NTH_ZH = /第([一二三四])张(?:图|图片|照片)(?:里|中|上)?(?:的)?(东西|那个|主角|物体)?/gu;
const SINGLE =
  /\b(?:the (?:thing|subject|object|one) (?:in|from|of) (?:the|this) (?:picture|image|photo)|this (?:one|thing|subject|object)|the (?:subject|object|thing)|it|this)\b(?! (?:is|was) (?:night|day|dark))/giu;
const SINGLE_ZH = /(?:图|图片|照片)(?:中|里|上)的(?:东西|主角|物体)|这个东西|这个(?!\p{Script=Han}*(?:狗|猫))|它/gu;
const NAMED = /\b(?:this|these|the same|my|that)\b|这[只个辆棵座架艘把朵条匹头]|(?:图|图片|照片)[中里上]的/giu;

/** Finds the subjects in a neutralised sentence. `count` reference pictures show subjects. */
export function subjectsIn(text: string, count: number, lexicon: Lexicon): SubjectText {
  const named = new Map<number, VocabularyConcept>();
  const mentioned = new Set<number>();
  let ground: number | null = null;
  const numberOf = (ordinal: string): number => ORDINALS[ordinal.toLowerCase()] ?? 0;
  const toGround = (_: string, ordinal: string): string => {
    ground = numberOf(ordinal);
    return ' ';
  };
  const put = (number: number, otherwise: string): string => {
    if (number < 1 || number > count) return otherwise;
    mentioned.add(number);
    return ` ${wordOf(number)} `;
  };
  const conceptIn = (words: string): VocabularyConcept | undefined => {
    const id = recognise(words, lexicon).flatMap(({ meanings: [meaning] }) =>
      meaning.kind === 'concept' ? [meaning.id] : [],
    )[0];
    return lexicon.vocabulary.concepts.find((concept) => concept.id === id);
  };
  let out = text.replace(GROUND_EN, toGround).replace(GROUND_ZH, toGround);
  out = out.replace(OF_NTH, (match: string, words: string, ordinal: string) => {
    const concept = conceptIn(words);
    if (concept) named.set(numberOf(ordinal), concept);
    return put(numberOf(ordinal), match);
  });
  for (const pattern of [NTH_ONE, NUMBERED, OF_NTH_ZH]) {
    out = out.replace(pattern, (match: string, ordinal: string) => put(numberOf(ordinal), match));
  }
  if (count === 1) {
    out = nameThis(out, lexicon, (concept) => {
      named.set(1, concept);
      return put(1, '');
    });
    out = out.replace(SINGLE, (match) => put(1, match)).replace(SINGLE_ZH, (match) => put(1, match));
  }
  return { text: out, named, mentioned, ground };
}

/** "this brown dog", 这只狗, 图中的狗: the words up to the thing become the subject; without one "the dog" does. */
function nameThis(text: string, lexicon: Lexicon, put: (concept: VocabularyConcept) => string): string {
  const phrases = recognise(text, lexicon);
  const things = phrases.filter(({ meanings: [meaning] }) => meaning.kind === 'concept');
  for (const pattern of [NAMED, /\bthe\b|把|将/giu]) {
    for (const cue of text.matchAll(pattern)) {
      const from = cue.index;
      const thing = things.find(({ start }) => start >= from + cue[0].length);
      if (!thing) continue;
      const between = text.slice(from + cue[0].length, thing.start);
      if (
        /[,.;，。；]|\b(?:and|with|of|on|in|at|beside|a|an|the)\b|和|在|的.*的/iu.test(between) ||
        between.length > 24
      )
        continue;
      const [meaning] = thing.meanings;
      const concept = lexicon.vocabulary.concepts.find(({ id }) => meaning.kind === 'concept' && meaning.id === id);
      if (concept) return `${text.slice(0, from)}${put(concept)}${text.slice(thing.start + thing.text.length)}`;
    }
  }
  return text;
}

export const mentionOf = (numbers: readonly number[]): string => numbers.map(wordOf).join(' and ');
