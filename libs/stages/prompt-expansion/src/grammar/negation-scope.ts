import type { Phrase } from './recognise.js';

const NOUNS = new Set(['concept', 'stand-in', 'thing']);
const MODIFIERS = new Set(['colour', 'size', 'descriptive', 'of', 'style', 'filler', 'other']);

/**
 * How far a negation reaches. It opens at its cue, closes at the thing it forbids, and opens again over "or", over "and"
 * where the next thing is named without an article ("no dogs and cats", but not "no dog and a cat"), and over commas of
 * a list. Everything else ends it.
 */
export class NegationScope {
  #reach: 'phrase' | 'list' | null = null;
  #open = false;

  start(reach: 'phrase' | 'list'): void {
    this.#reach = reach;
    this.#open = true;
  }

  /** True while the next thing named is forbidden. */
  get open(): boolean {
    return this.#open;
  }

  /** A thing, place, time or colour has been forbidden. */
  close(): void {
    this.#open = false;
  }

  end(): void {
    this.#reach = null;
    this.#open = false;
  }

  /** Reads a joining word at `at`. */
  join(kind: string, phrases: readonly Phrase[], at: number): void {
    if (this.#reach === null) return;
    switch (kind) {
      case 'or':
        this.#open = true;
        return;
      case 'and':
        if (this.#open) return;
        this.#open = this.#reach === 'list' ? !startsAnew(phrases, at) : isBareNounNext(phrases, at);
        if (!this.#open) this.end();
        return;
      case 'comma':
        if (phrases[at]!.text === '、') this.#open = true;
        else if (this.#open || !continuesList(phrases, at)) this.end();
        else this.#open = true;
        return;
      case 'copula':
      case 'of':
      case 'in':
      case 'break':
      case 'with':
      case 'relation':
      case 'locative':
      case 'which':
        if (!this.#open) this.end();
        return;
      default:
        this.end();
    }
  }
}

/** "and with a cat", "and a blue car is ...". */
function startsAnew(phrases: readonly Phrase[], at: number): boolean {
  const next = phrases[at + 1]?.meanings[0].kind;
  return next === 'with' || next === 'break' || next === 'copula' || next === 'negation';
}

function nounAfter(phrases: readonly Phrase[], at: number): { at: number; bare: boolean } | null {
  for (let i = at + 1, bare = true; i < phrases.length; i++) {
    const { kind } = phrases[i]!.meanings[0];
    if (NOUNS.has(kind)) return { at: i, bare };
    if (kind === 'determiner' || kind === 'count') bare = false;
    else if (!MODIFIERS.has(kind)) return null;
  }
  return null;
}

const isBareNounNext = (phrases: readonly Phrase[], at: number): boolean => nounAfter(phrases, at)?.bare === true;

/** A comma goes on with the list when a bare noun follows that is itself followed by a comma, "or" or "and". */
function continuesList(phrases: readonly Phrase[], at: number): boolean {
  if (phrases[at]!.language === 'zh' || phrases[at + 1]?.language === 'zh') return false;
  const noun = nounAfter(phrases, at);
  if (!noun?.bare) return false;
  const after = phrases[noun.at + 1]?.meanings[0].kind;
  if (after === 'or') return true;
  return (after === 'and' || after === 'comma') && isBareNounNext(phrases, noun.at + 1);
}
