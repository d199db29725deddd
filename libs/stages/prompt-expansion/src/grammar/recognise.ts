import { type EnglishEntry, isPlural, type Lexicon } from '../lexicon/lexicon.js';
import type { Meaning, MeaningKind } from '../lexicon/meaning.js';
import { segmentChinese } from '../text/chinese.js';
import { baseForms, singular } from '../text/inflection.js';
import { type Token, tokenise } from '../text/tokens.js';

/** A stretch of the prompt with what it may mean, likeliest first. */
export interface Phrase {
  readonly meanings: readonly [Meaning, ...Meaning[]];
  /** As typed. */
  readonly text: string;
  readonly start: number;
  readonly language: 'en' | 'zh';
  readonly plural: boolean;
  /** What the typo was read as. */
  readonly corrected?: string;
  /** False when no dictionary has the word. */
  readonly known: boolean;
  readonly hyphenated: boolean;
}

/** More unknown words than this are not worth correcting: the text is no sentence. */
const MAX_CORRECTIONS = 60;

/** Small words of other languages. Two of them make a sentence whose words are no English typos. */
const FOREIGN = new Set(
  'un une le les du sur avec dans et ein eine der das mit und auf el los con en una il di nel gli um com na'.split(' '),
);

/** Meanings that a verb form ("ducking", "planted") does not carry over from its stem. */
const NAMING: ReadonlySet<MeaningKind> = new Set<MeaningKind>([
  'concept',
  'stand-in',
  'thing',
  'colour',
  'place',
  'time',
  'style',
  'count',
  'relation',
]);

interface Form {
  readonly word: string;
  readonly verb: boolean;
}

interface Reading {
  readonly token: Token;
  readonly forms: readonly Form[];
  readonly corrected?: string;
}

/** Finds the phrases of a neutralised prompt: longest dictionary match first, typos corrected, the rest unknown. */
export function recognise(text: string, lexicon: Lexicon): Phrase[] {
  const readings = read(tokenise(text), lexicon);
  const phrases: Phrase[] = [];
  for (let i = 0; i < readings.length; ) {
    const { token } = readings[i]!;
    if (token.kind === 'word') {
      const match = longestMatch(readings, i, lexicon);
      phrases.push(englishPhrase(text, readings.slice(i, i + (match?.entry.words.length ?? 1)), match));
      i += match?.entry.words.length ?? 1;
      continue;
    }
    if (token.kind === 'chinese') phrases.push(...chinesePhrases(text, token, lexicon));
    else if (token.kind === 'emoji') i += emojiPhrases(readings, i, lexicon, phrases) - 1;
    else phrases.push(punctuation(token));
    i++;
  }
  return phrases;
}

function read(tokens: readonly Token[], lexicon: Lexicon): Reading[] {
  const corrections = new Map<string, string | null>();
  const foreign =
    new Set(tokens.flatMap(({ text }) => (FOREIGN.has(text) && !lexicon.isKnownWord(text) ? [text] : []))).size > 1;
  return tokens.map((token) => {
    if (token.kind !== 'word') return { token, forms: [] };
    const forms = formsOf(token.text);
    if (forms.some(({ word }) => lexicon.isKnownWord(word)) || foreign || !/^\p{Script=Latin}+$/u.test(token.text))
      return { token, forms };
    if (!corrections.has(token.text) && corrections.size < MAX_CORRECTIONS) {
      const one = singular(token.text);
      corrections.set(token.text, lexicon.correct(token.text) ?? (one === null ? null : lexicon.correct(one)));
    }
    const corrected = corrections.get(token.text);
    return corrected ? { token, forms: formsOf(corrected), corrected } : { token, forms };
  });
}

function formsOf(word: string): Form[] {
  const one = singular(word);
  return baseForms(word).map((form) => ({ word: form, verb: form !== word && form !== one }));
}

interface Match {
  readonly entry: EnglishEntry;
  readonly verb: boolean;
}

function longestMatch(readings: readonly Reading[], at: number, lexicon: Lexicon): Match | null {
  let best: Match | null = null;
  for (const form of readings[at]!.forms) {
    for (const entry of lexicon.english.get(form.word) ?? []) {
      if (best && entry.words.length <= best.entry.words.length) break;
      const verb = { any: form.verb };
      if (entry.words.every((word, k) => k === 0 || fits(readings[at + k], word, verb)))
        best = { entry, verb: verb.any };
    }
  }
  return best;
}

function fits(reading: Reading | undefined, word: string, verb: { any: boolean }): boolean {
  const form = reading?.forms.find((candidate) => candidate.word === word);
  if (form?.verb) verb.any = true;
  return form !== undefined;
}

function englishPhrase(text: string, readings: readonly Reading[], match: Match | null): Phrase {
  const first = readings[0]!.token;
  const last = readings.at(-1)!.token;
  const corrected = readings.some((reading) => reading.corrected !== undefined)
    ? readings.map((reading) => reading.corrected ?? reading.token.text).join(' ')
    : undefined;
  return {
    meanings: match ? meaningsOf(match) : [unknownWord(first.text)],
    text: text.slice(first.start, last.end),
    start: first.start,
    language: 'en',
    plural: isPlural(headOf(readings)),
    ...(corrected === undefined || match === null ? {} : { corrected }),
    known: match !== null || !/^\p{L}+$/u.test(first.text),
    hyphenated: first.hyphenated,
  };
}

/** The noun that carries the number: "cups of coffee", "sports cars". */
function headOf(readings: readonly Reading[]): string {
  const words = readings.map((reading) => reading.corrected ?? reading.token.text);
  const joint = words.findIndex((word) => word === 'of' || word === 'with' || word === 'in');
  return words[joint > 0 ? joint - 1 : words.length - 1]!;
}

function meaningsOf(match: Match): readonly [Meaning, ...Meaning[]] {
  const [first, ...rest] = match.entry.meanings as [Meaning, ...Meaning[]];
  return match.verb && NAMING.has(first.kind) ? [{ kind: 'descriptive' }] : [first, ...rest];
}

function unknownWord(word: string): Meaning {
  if (/^\d+$/.test(word)) return { kind: 'count', count: Math.max(1, Math.min(99, Number(word))) };
  const times = /^(?:x([1-9])|([1-9])x)$/.exec(word);
  if (times) return { kind: 'count', count: Number(times[1] ?? times[2]), after: true };
  // Sizes, codes and single letters name nothing.
  return /\d/.test(word) || word.length === 1 ? { kind: 'filler' } : { kind: 'thing' };
}

function chinesePhrases(text: string, token: Token, lexicon: Lexicon): Phrase[] {
  return segmentChinese(token.text, lexicon.chinese, lexicon.longestChinese).map((word) => {
    const start = token.start + word.start;
    const [first, ...rest] = word.meanings;
    return {
      // A lone unknown character is a verb or an ending far more often than a thing.
      meanings: first ? [first, ...rest] : [{ kind: word.text.length > 1 ? 'thing' : 'descriptive' }],
      text: text.slice(start, start + word.text.length),
      start,
      language: 'zh',
      plural: false,
      known: first !== undefined,
      hyphenated: false,
    };
  });
}

/** Reads a run of one emoji as that many of its word. Returns how many tokens it took. */
function emojiPhrases(readings: readonly Reading[], at: number, lexicon: Lexicon, out: Phrase[]): number {
  const { text, start } = readings[at]!.token;
  let run = 1;
  while (readings[at + run]?.token.text === text) run++;
  const word = lexicon.emoji.get(text) ?? lexicon.emoji.get([...text][0]!);
  const common = { text, start, language: 'en' as const, plural: false, known: true, hyphenated: false };
  if (word === undefined) {
    out.push({ ...common, meanings: [{ kind: 'filler' }] });
    return run;
  }
  if (run > 1) out.push({ ...common, meanings: [{ kind: 'count', count: run }] });
  out.push(...recognise(word, lexicon).map((phrase) => ({ ...phrase, text, start })));
  return run;
}

const punctuation = (token: Token): Phrase => ({
  meanings: [{ kind: token.kind as 'comma' | 'stop' | 'quote' }],
  text: token.text,
  start: token.start,
  language: 'en',
  plural: false,
  known: true,
  hyphenated: false,
});
