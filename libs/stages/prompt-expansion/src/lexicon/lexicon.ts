import { singular } from '../text/inflection.js';
import { SpellingDictionary } from '../text/spelling.js';
import { tokenise } from '../text/tokens.js';
import type { Vocabulary } from '../vocabulary.js';
import { BASE_COLOURS, SHADES } from './colour-words.js';
import {
  DESCRIPTIVE_WORDS,
  DESCRIPTIVE_WORDS_ZH,
  FILLER_WORDS,
  FILLER_WORDS_ZH,
  LOOKALIKE_WORDS,
  THING_WORDS,
  THING_WORDS_ZH,
} from './common-words.js';
import { CONCEPT_SYNONYMS } from './concept-synonyms.js';
import { EMOJI_WORDS } from './emoji.js';
import type { Meaning, Source, StandIn } from './meaning.js';
import { PLACE_SYNONYMS, STYLE_STAND_INS, STYLE_SYNONYMS, TIME_SYNONYMS } from './scene-words.js';
import { STAND_INS } from './stand-ins.js';
import * as english from './structure-words.js';
import * as chinese from './structure-words-zh.js';

/** A phrase of one or more English words with its possible meanings, the likeliest first. */
export interface EnglishEntry {
  readonly words: readonly string[];
  readonly meanings: Meaning[];
}

const HAN = /\p{Script=Han}/u;
const list = (words: string): string[] => words.split(/,\s*/u).filter((word) => word !== '');

/** Every word this stage knows for one vocabulary. Built once, then only read. */
export class Lexicon {
  /** first word -> entries, longest first. */
  readonly english = new Map<string, EnglishEntry[]>();
  readonly chinese = new Map<string, Meaning[]>();
  readonly emoji: ReadonlyMap<string, string> = new Map(Object.entries(EMOJI_WORDS));
  longestChinese = 1;
  /** Single words that occur in any entry: not to be corrected. */
  readonly #words = new Set<string>();
  readonly #spelling: SpellingDictionary;
  readonly #drawable: ReadonlySet<string>;

  /** `first`: phrases whose meaning here comes before the one they have in a description. */
  constructor(
    readonly vocabulary: Vocabulary,
    first: english.PhraseTable = [],
  ) {
    for (const [phrases, meaning] of first) for (const phrase of list(phrases)) this.#add(phrase, meaning);
    this.#drawable = new Set(vocabulary.concepts.map((concept) => concept.id));
    this.#addScene();
    this.#addConcepts();
    this.#addColours();
    const namesEnd = this.#words.size;
    for (const idiom of list(english.IDIOMS)) this.#add(idiom, { kind: 'descriptive' });
    this.#addStructure();
    this.#addStandIns();
    const spellable = [...this.#words];
    this.#addCommonWords();
    // Names of drawable things first: they win ties.
    this.#spelling = new SpellingDictionary([...spellable.slice(0, namesEnd), ...spellable.slice(namesEnd)]);
    for (const entries of this.english.values()) entries.sort((a, b) => b.words.length - a.words.length);
  }

  isKnownWord(word: string): boolean {
    return this.#words.has(word);
  }

  /** The word a typo was meant to be, or null. */
  correct(word: string): string | null {
    return this.#spelling.correct(word);
  }

  #addScene(): void {
    const parts = [
      ['place', this.vocabulary.places, PLACE_SYNONYMS],
      ['time', this.vocabulary.times, TIME_SYNONYMS],
      ['style', this.vocabulary.styles, STYLE_SYNONYMS],
    ] as const;
    for (const [kind, terms, synonyms] of parts) {
      for (const term of terms) {
        this.#add(term.id, { kind, id: term.id, source: 'name' });
        for (const word of [...(term.names ?? []), ...term.en])
          this.#add(word, { kind, id: term.id, source: 'synonym' });
        for (const word of [...(term.namesZh ?? []), ...term.zh])
          this.#add(word, { kind, id: term.id, source: 'translation' });
        for (const word of list(synonyms[term.id] ?? ''))
          this.#add(word, { kind, id: term.id, source: sourceOf(word) });
      }
    }
    for (const [ids, words] of Object.entries(STYLE_STAND_INS)) {
      const id = list(ids).find((candidate) => this.vocabulary.styles.some((style) => style.id === candidate));
      const meaning: Meaning = id ? { kind: 'stand-in', targets: [{ as: 'style', id }] } : { kind: 'descriptive' };
      for (const word of list(words)) this.#add(word, meaning);
    }
  }

  #addConcepts(): void {
    const { concepts } = this.vocabulary;
    for (const { id, name, plural, nameZh } of concepts) {
      for (const form of [name, plural]) this.#add(form, { kind: 'concept', id, source: 'name' });
      this.#add(nameZh, { kind: 'concept', id, source: 'translation' });
    }
    for (const { id, synonyms, synonymsZh } of concepts) {
      for (const word of synonyms) this.#add(word, { kind: 'concept', id, source: 'synonym' });
      for (const word of synonymsZh) this.#add(word, { kind: 'concept', id, source: 'translation' });
      // `red-apple` read as one name would swallow the colour.
      if (!Object.hasOwn(BASE_COLOURS, id.split('-')[0]!)) {
        this.#add(id.replaceAll('-', ' '), { kind: 'concept', id, source: 'synonym' });
      }
    }
    for (const { id } of concepts) {
      for (const word of list(CONCEPT_SYNONYMS[id] ?? '')) {
        this.#add(word, { kind: 'concept', id, source: sourceOf(word) });
      }
    }
  }

  #addColours(): void {
    for (const { id, en, zh } of this.vocabulary.colours) {
      for (const word of [id, ...en]) this.#add(word, { kind: 'colour', id, source: word === id ? 'name' : 'synonym' });
      for (const word of zh) this.#addChineseColour(word, id);
    }
    for (const table of [BASE_COLOURS, SHADES]) {
      for (const [id, words] of Object.entries(table)) {
        for (const word of list(words)) {
          if (HAN.test(word)) this.#addChineseColour(word, id);
          else
            for (const form of [word, `${word} coloured`, `${word} colored`]) this.#add(form, colour(id, form === id));
        }
      }
    }
  }

  /** 红, 红色 and 红色的 are one word. */
  #addChineseColour(word: string, id: string): void {
    const stem = word.endsWith('色') ? word.slice(0, -1) : word;
    for (const form of [word, stem.length > 1 ? stem : word, `${stem}色`]) {
      this.#add(form, { kind: 'colour', id, source: 'translation' });
    }
  }

  #addStructure(): void {
    const tables = [
      english.RELATION_PHRASES,
      english.NUMBER_PHRASES,
      english.NEGATION_PHRASES,
      english.SIMILE_PHRASES,
      english.LINK_PHRASES,
      english.SIZE_PHRASES,
      chinese.RELATION_PHRASES_ZH,
      chinese.NUMBER_PHRASES_ZH,
      chinese.NEGATION_PHRASES_ZH,
      chinese.SIMILE_PHRASES_ZH,
      chinese.LINK_PHRASES_ZH,
      chinese.SIZE_PHRASES_ZH,
      english.SCENERY_PHRASES,
    ];
    for (const table of tables) {
      for (const [phrases, meaning] of table) for (const phrase of list(phrases)) this.#add(phrase, meaning);
    }
    for (const word of list(chinese.CLASSIFIERS_ZH)) this.#add(word, { kind: 'filler' });
  }

  #addStandIns(): void {
    const targetsOf = new Map<string, StandIn[]>();
    for (const [targets, words] of STAND_INS) {
      const drawable = list(targets)
        .map(standIn)
        .filter((target) => this.#isDrawable(target));
      for (const word of list(words)) {
        const known = targetsOf.get(word);
        if (known) known.push(...drawable);
        else targetsOf.set(word, [...drawable]);
      }
    }
    for (const [word, targets] of targetsOf) {
      this.#add(word, targets.length > 0 ? { kind: 'stand-in', targets } : { kind: 'thing' }, true);
    }
    // Other names of a concept that is not drawable go where its own name goes.
    for (const [id, words] of Object.entries(CONCEPT_SYNONYMS)) {
      if (this.#drawable.has(id)) continue;
      const targets = targetsOf.get(id.replaceAll('-', ' ')) ?? targetsOf.get(id) ?? [];
      for (const word of list(words))
        this.#add(word, targets.length > 0 ? { kind: 'stand-in', targets } : { kind: 'thing' });
    }
  }

  #addCommonWords(): void {
    for (const word of FILLER_WORDS) this.#add(word, { kind: 'filler' });
    for (const word of list(FILLER_WORDS_ZH)) this.#add(word, { kind: 'filler' });
    for (const word of DESCRIPTIVE_WORDS) this.#add(word, { kind: 'descriptive' });
    for (const word of list(DESCRIPTIVE_WORDS_ZH)) this.#add(word, { kind: 'descriptive' });
    for (const word of [...THING_WORDS, ...LOOKALIKE_WORDS]) this.#add(word, { kind: 'thing' });
    for (const word of list(THING_WORDS_ZH)) this.#add(word, { kind: 'thing' });
  }

  #isDrawable(target: StandIn): boolean {
    const { places, times, styles } = this.vocabulary;
    if (target.as === 'concept') return this.#drawable.has(target.id);
    return { place: places, time: times, style: styles }[target.as].some((term) => term.id === target.id);
  }

  /** The first meaning of a phrase is the likeliest; a thing may also name a colour ("orange"). */
  #add(phrase: string, meaning: Meaning, mayBeColour = false): void {
    if (HAN.test(phrase)) {
      const key = tokenise(phrase)
        .map((token) => token.text)
        .join('');
      const known = this.chinese.get(key);
      if (!known) this.chinese.set(key, [meaning]);
      this.longestChinese = Math.max(this.longestChinese, key.length);
      return;
    }
    const words = tokenise(phrase).map((token) => token.text);
    const first = words[0];
    if (first === undefined) return;
    for (const word of words) this.#words.add(word);
    let entries = this.english.get(first);
    if (!entries) {
      entries = [];
      this.english.set(first, entries);
    }
    const same = entries.find(
      (entry) => entry.words.length === words.length && entry.words.every((w, i) => w === words[i]),
    );
    if (!same) entries.push({ words, meanings: [meaning] });
    else if (mayBeColour && same.meanings[0]?.kind === 'colour') {
      same.meanings.push(meaning);
    }
  }
}

const colour = (id: string, isName: boolean): Meaning => ({ kind: 'colour', id, source: isName ? 'name' : 'synonym' });

const sourceOf = (word: string): Source => (HAN.test(word) ? 'translation' : 'synonym');

/** `dog`, `red-apple/orange`, `place:beach`. */
function standIn(text: string): StandIn {
  const [kind, id] = text.split(':');
  if (id !== undefined) return { as: kind as 'place' | 'time' | 'style', id };
  const [concept = text, colourId] = text.split('/');
  return { as: 'concept', id: concept, ...(colourId === undefined ? {} : { colour: colourId }) };
}

/** Building a lexicon takes tens of milliseconds, so each is made once and kept as long as its vocabulary. */
export function keptWithVocabulary(make: (vocabulary: Vocabulary) => Lexicon): (vocabulary: Vocabulary) => Lexicon {
  const lexicons = new WeakMap<Vocabulary, Lexicon>();
  return (vocabulary) => {
    let lexicon = lexicons.get(vocabulary);
    if (!lexicon) {
      lexicon = make(vocabulary);
      lexicons.set(vocabulary, lexicon);
    }
    return lexicon;
  };
}

/** The lexicon in which descriptions are read. */
export const lexiconOf = keptWithVocabulary((vocabulary) => new Lexicon(vocabulary));

/** True when one form of a word is the plural of another. */
export const isPlural = (word: string): boolean => singular(word) !== null;
