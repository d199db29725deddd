import type { Meaning, MeaningKind } from '../lexicon/meaning.js';
import type { Phrase } from './recognise.js';

const NOUN_KINDS: ReadonlySet<MeaningKind> = new Set<MeaningKind>([
  'concept',
  'stand-in',
  'thing',
  'scenery',
  'place',
  'time',
]);
const MODIFIER_KINDS: ReadonlySet<MeaningKind> = new Set<MeaningKind>([
  'colour',
  'size',
  'descriptive',
  'of',
  'filler',
  'style',
]);

const isSceneStandIn = (meaning: Meaning): boolean =>
  meaning.kind === 'stand-in' && meaning.targets[0]?.as !== 'concept';

/** What stands around a phrase: the questions that bind modifiers to nouns. All positions are indices of phrases. */
export class PhraseWindow {
  constructor(readonly phrases: readonly Phrase[]) {}

  /** Likeliest kind at a position; undefined beyond the ends. */
  kind(at: number): MeaningKind | undefined {
    return this.phrases[at]?.meanings[0].kind;
  }

  /** Lower-case texts of up to `n` phrases before a position. */
  textsBefore(at: number, n: number): string[] {
    return this.phrases.slice(Math.max(0, at - n), at).map((phrase) => phrase.text.toLowerCase());
  }

  /**
   * Whether the words after `at` lead to a noun that a modifier at `at` belongs to; `opened` when an article or number
   * waits for its noun.
   */
  nounFollows(at: number, opened: boolean): boolean {
    const isOpen = opened || this.kind(at - 1) === 'determiner' || this.kind(at - 1) === 'count';
    for (let i = at + 1; i < this.phrases.length; i++) {
      const kind = this.kind(i)!;
      if (NOUN_KINDS.has(kind)) return true;
      if (kind === 'colour' && this.phrases[i]!.meanings.length > 1) return true;
      if (/^ones?$/iu.test(this.phrases[i]!.text)) return true;
      if (MODIFIER_KINDS.has(kind)) continue;
      const next = this.kind(i + 1);
      // "red and white balls", "red, shiny apple"
      if ((kind === 'and' || kind === 'comma') && next === 'colour') continue;
      if (kind === 'comma' && (next === 'descriptive' || next === 'size') && isOpen) continue;
      return false;
    }
    return false;
  }

  /** "in a car", but not "in red" and not "in the city". */
  thingFollows(at: number): boolean {
    for (let i = at + 1; i < this.phrases.length; i++) {
      const kind = this.kind(i)!;
      if (kind === 'concept' || kind === 'stand-in') return !this.phrases[i]!.meanings.some(isSceneStandIn);
      if (!['determiner', 'colour', 'size', 'descriptive', 'count'].includes(kind)) return false;
    }
    return false;
  }

  /** "红色的苹果": the particle at `at` only ends a modifier. */
  endsModifier(at: number): boolean {
    return ['colour', 'size', 'descriptive', 'style', 'filler', 'count'].includes(this.kind(at - 1) ?? '');
  }

  /** "and", or "and a", stands before `at`. */
  followsAnd(at: number): boolean {
    const last = this.kind(at - 1);
    return last === 'and' || ((last === 'determiner' || last === 'count') && this.kind(at - 2) === 'and');
  }

  /** Neighbours within one noun phrase: same language, only a space or a hyphen (in Chinese: nothing) between. */
  touchesNext(at: number): boolean {
    const [a, b] = [this.phrases[at], this.phrases[at + 1]];
    if (!a || !b || a.language !== b.language) return false;
    const gap = b.start - (a.start + a.text.length);
    return a.language === 'zh' ? gap === 0 : gap >= 0 && gap <= 1;
  }

  /** "a red city bus": the place word at `at` stands inside the noun phrase. */
  isInsideNoun(at: number): boolean {
    return this.kind(at + 1) === 'concept' && this.touchesNext(at);
  }

  /** "a toy elephant", "a robot dog", "a fruit salad": the noun at `at` only describes the next one. */
  describesNext(at: number, opened: boolean): boolean {
    const phrase = this.phrases[at]!;
    const kind = this.kind(at);
    const next = this.kind(at + 1);
    if (phrase.plural || !this.touchesNext(at)) return false;
    if (kind === 'stand-in' && next === 'thing') return true;
    if (next !== 'concept') return false;
    return kind === 'thing' || opened || this.phrases[at + 1]!.plural || this.#isTitle(at);
  }

  /** "Robot dog chasing ...": two nouns and a verb are one thing, while "robot dog" alone may be a list. */
  #isTitle(at: number): boolean {
    const opensPrompt = at === 0 && this.phrases[at]!.language === 'en';
    return opensPrompt && ['descriptive', 'copula', 'with', 'relation'].includes(this.kind(2) ?? '');
  }
}
