import type { Meaning, MeaningOf } from '../lexicon/meaning.js';
import { addColours, MentionList, nothingPending } from './mention-list.js';
import { NegationScope } from './negation-scope.js';
import { PhraseWindow } from './phrase-window.js';
import type { Item, LinkKind, PromptReading } from './reading.js';
import type { Phrase } from './recognise.js';

const LINKS = new Set<string>('and or but with copula which pronoun locative of comma stop break'.split(' '));

const ALL = new Set(['both', 'all', '都是', '全是', '都']);

/** Walks the phrases once: binds modifiers to their nouns, applies negation, and lays out the items in order. */
export class PromptScan {
  readonly items: Item[] = [];
  readonly reading: PromptReading = {
    mentions: [],
    relations: [],
    scene: [],
    excludedScene: [],
    ignored: [],
    texts: [],
    takenBack: [],
    compared: [],
    lostRelations: [],
  };
  readonly #mentions = new MentionList(this.reading, this.items);
  readonly #negation = new NegationScope();
  readonly #window: PhraseWindow;
  #pending = nothingPending();
  #comparing = false;
  #at = 0;

  constructor(readonly phrases: readonly Phrase[]) {
    this.#window = new PhraseWindow(phrases);
    for (; this.#at < phrases.length; this.#at++) this.#read(phrases[this.#at]!);
  }

  #read(phrase: Phrase): void {
    const meaning = this.#choose(phrase);
    switch (meaning.kind) {
      case 'concept':
      case 'stand-in':
      case 'thing':
        this.#noun(phrase, meaning);
        return;
      case 'place':
      case 'time':
      case 'style':
        this.#scene(phrase, meaning);
        return;
      case 'scenery':
        this.#negation.close();
        this.items.push({ type: 'scene', text: phrase.text });
        this.#pending = nothingPending();
        return;
      case 'colour':
        this.#colour(phrase, meaning);
        return;
      case 'count':
        this.#count(phrase, meaning);
        return;
      case 'size':
        this.#size(phrase, meaning.size);
        return;
      case 'determiner':
        this.#pending.definite = meaning.definite;
        return;
      case 'other':
        if (this.#nounFollows()) this.#pending.other = true;
        else if (this.#window.kind(this.#at + 1) === 'copula') this.#anotherOne();
        return;
      case 'negation':
        if (meaning.reach === 'after') this.#mentions.negateLast();
        else this.#negation.start(meaning.reach);
        return;
      case 'relation':
        this.#relation(phrase, meaning);
        return;
      case 'side':
        this.items.push({ type: 'side', side: meaning.side, phrase });
        return;
      case 'correction':
        this.#mentions.takeBack();
        this.#pending = nothingPending();
        return;
      case 'simile':
        this.#comparing = true;
        return;
      case 'naming':
        this.#skipText(meaning.reach);
        return;
      case 'descriptive':
        this.reading.ignored.push(phrase);
        return;
      case 'filler':
      case 'affirmation':
      case 'quote':
        if (phrase.hyphenated && phrase.text.toLowerCase() === 'free') this.#mentions.negateLast();
        return;
      default:
        this.#link(phrase, meaning.kind);
    }
  }

  /** A word that is a colour and a thing ("orange") is a colour where a noun follows or a copula precedes. */
  #choose(phrase: Phrase): Meaning {
    const [first, second] = phrase.meanings;
    if (second === undefined || first.kind !== 'colour') return first;
    if (phrase.plural) return second;
    const before = this.#window.kind(this.#at - 1);
    const joinsColours = before === 'and' && this.#pending.colours.length > 0;
    return this.#nounFollows() || before === 'copula' || joinsColours ? first : second;
  }

  /** An article or number has opened a noun phrase that is still waiting for its noun. */
  get #isOpen(): boolean {
    return this.#pending.definite !== null || this.#pending.count !== null;
  }

  #nounFollows(): boolean {
    return this.#window.nounFollows(this.#at, this.#isOpen);
  }

  #link(phrase: Phrase, kind: Exclude<Meaning['kind'], 'quote'>): void {
    this.#negation.join(kind, this.phrases, this.#at);
    if (kind === 'in' && this.#window.thingFollows(this.#at)) {
      this.items.push({ type: 'relation', relation: 'inside', it: false, negated: false, phrase });
    }
    if (kind === 'stop' || kind === 'but' || kind === 'break') this.#comparing = false;
    if (kind === 'stop' || (kind === 'comma' && !this.#nounFollows())) this.#pending = nothingPending();
    if (kind === 'of' && this.#window.endsModifier(this.#at)) return;
    if (LINKS.has(kind)) this.items.push({ type: 'link', link: kind as LinkKind, text: phrase.text });
  }

  #noun(phrase: Phrase, meaning: MeaningOf<'concept' | 'stand-in' | 'thing'>): void {
    if (this.#comparing) {
      this.#comparing = false;
      this.#pending = nothingPending();
      this.reading.compared.push(phrase);
      return;
    }
    if (this.#window.describesNext(this.#at, this.#isOpen) || this.#isTailOfBefore(meaning)) {
      this.reading.ignored.push(phrase);
      return;
    }
    const negated = this.#negation.open;
    this.#negation.close();
    const scene = meaning.kind === 'stand-in' ? meaning.targets[0] : undefined;
    if (scene && scene.as !== 'concept') {
      if (!negated) this.reading.scene.push({ kind: scene.as, id: scene.id, phrase, standIn: true });
      this.items.push({ type: 'scene', text: phrase.text });
    } else this.#mentions.name(phrase, meaning, this.#pending, negated);
    this.#pending = nothingPending();
  }

  /** "a dinosaur toy": the second noun, itself not drawable, adds nothing to the first. */
  #isTailOfBefore(meaning: Meaning): boolean {
    if (meaning.kind !== 'stand-in' || this.#window.kind(this.#at - 1) !== 'concept') return false;
    const before = this.phrases[this.#at - 1]!;
    return !before.plural && this.#window.touchesNext(this.#at - 1) && this.#mentions.last()?.phrase === before;
  }

  #scene(phrase: Phrase, { kind, id }: MeaningOf<'place' | 'time' | 'style'>): void {
    if (this.#comparing) {
      this.#comparing = false;
      this.reading.compared.push(phrase);
      return;
    }
    const list = this.#negation.open ? this.reading.excludedScene : this.reading.scene;
    this.#negation.close();
    list.push({ kind, id, phrase, standIn: false });
    if (kind === 'style') return;
    this.items.push({ type: 'scene', text: phrase.text });
    if (!this.#window.isInsideNoun(this.#at)) this.#pending = nothingPending();
  }

  #colour(phrase: Phrase, { id }: MeaningOf<'colour'>): void {
    if (this.#comparing) return;
    if (this.#nounFollows()) {
      this.#pending.colours.push({ id, phrase });
      return;
    }
    const targets = this.#mentions.colourTargets(this.#window.textsBefore(this.#at, 2).some((word) => ALL.has(word)));
    if (this.#negation.open) {
      for (const target of targets) target.excludedColours.push(id);
      this.#negation.close();
      return;
    }
    const [target] = targets;
    if (!target) this.reading.ignored.push(phrase);
    // "a red apple and a green": one more of the same.
    else if (
      this.#window.followsAnd(this.#at) &&
      target.colourPhrases.some((given) => given.start < target.phrase.start)
    ) {
      this.#pending.colours.push({ id, phrase });
      this.#anotherOne();
    } else for (const one of targets) addColours(one, [{ id, phrase }]);
  }

  #anotherOne(): void {
    const pending = this.#pending;
    this.#pending = nothingPending();
    this.#mentions.anotherOne(pending);
  }

  #count(phrase: Phrase, { count, after }: MeaningOf<'count'>): void {
    const word = phrase.text.toLowerCase();
    const last = this.#mentions.last();
    const before = this.#window.kind(this.#at - 1);
    if (after && last) last.count ??= count;
    else if ((word === 'one' || word === 'ones') && (before === 'colour' || before === 'size')) this.#anotherOne();
    else if (word !== 'both' || this.#nounFollows()) this.#pending.count = count;
  }

  #size(phrase: Phrase, size: 'small' | 'large'): void {
    if (this.#nounFollows()) {
      this.#pending.size = size;
      return;
    }
    const last = this.#mentions.last();
    const compares = this.#window.textsBefore(this.#at, 4).some((text) => text === '比' || text === 'than');
    if (last && !this.#negation.open && !compares) last.size ??= size;
    else this.reading.ignored.push(phrase);
  }

  #relation(phrase: Phrase, { relation, it }: MeaningOf<'relation'>): void {
    const negated = this.#negation.open;
    if (negated) this.#negation.end();
    else this.#negation.join('relation', this.phrases, this.#at);
    this.items.push({ type: 'relation', relation, it: it === true, negated, phrase });
  }

  /** Takes out what follows "named" (one word) or "that says" (the rest of the clause), or all between quotes. */
  #skipText(reach: 'word' | 'clause'): void {
    const first = this.#at + 1;
    let end = first;
    if (this.#window.kind(first) === 'quote') {
      end++;
      while (end < this.phrases.length && this.#window.kind(end) !== 'quote') end++;
    } else {
      const stops =
        reach === 'word' ? ['comma', 'stop', 'and', 'copula', 'relation', 'of'] : ['comma', 'stop', 'relation'];
      const longest = reach === 'word' ? first + 1 : this.phrases.length;
      while (end < Math.min(longest, this.phrases.length) && !stops.includes(this.#window.kind(end)!)) end++;
      end--;
    }
    const text = this.phrases.slice(first, end + 1).filter((phrase) => phrase.meanings[0].kind !== 'quote');
    if (text.length > 0) this.reading.texts.push(text.map((phrase) => phrase.text).join(' '));
    this.#at = Math.max(this.#at, Math.min(end, this.phrases.length - 1));
  }
}
