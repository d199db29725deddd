import type { Meaning, MeaningOf } from '../lexicon/meaning.js';
import { NegationScope } from './negation-scope.js';
import type { Item, LinkKind, Mention, PromptReading } from './reading.js';
import type { Phrase } from './recognise.js';

/** Modifiers that wait for their noun. */
interface Pending {
  colours: { id: string; phrase: Phrase }[];
  count: number | null;
  size: 'small' | 'large' | null;
  definite: boolean | null;
  other: boolean;
}

const nothingPending = (): Pending => ({ colours: [], count: null, size: null, definite: null, other: false });

const NOUN_KINDS = new Set(['concept', 'stand-in', 'thing', 'scenery', 'place', 'time']);
const LINKS = new Set<string>([
  'and',
  'or',
  'but',
  'with',
  'copula',
  'which',
  'pronoun',
  'locative',
  'of',
  'comma',
  'stop',
  'break',
]);

const isSeveral = (mention: Mention): boolean => mention.plural || (mention.count ?? 1) > 1;

const isSceneStandIn = (meaning: Meaning): boolean =>
  meaning.kind === 'stand-in' && meaning.targets[0]?.as !== 'concept';

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
  #pending = nothingPending();
  readonly #negation = new NegationScope();
  #comparing = false;
  #at = 0;

  constructor(readonly phrases: readonly Phrase[]) {
    for (this.#at = 0; this.#at < phrases.length; this.#at++) this.#read(phrases[this.#at]!);
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
        if (this.#nounFollows(this.#at)) this.#pending.other = true;
        else if (this.phrases[this.#at + 1]?.meanings[0].kind === 'copula') this.#anotherOne();
        return;
      case 'negation':
        if (meaning.reach === 'after') this.#negateBefore();
        else this.#negation.start(meaning.reach);
        return;
      case 'relation':
        this.#relation(phrase, meaning);
        return;
      case 'side':
        this.items.push({ type: 'side', side: meaning.side, phrase });
        return;
      case 'correction':
        this.#takeBack();
        return;
      case 'simile':
        this.#comparing = true;
        return;
      case 'naming':
        this.#skipText(meaning.reach);
        return;
      case 'descriptive':
        this.#descriptive(phrase);
        return;
      case 'filler':
      case 'affirmation':
      case 'quote':
        if (phrase.hyphenated && phrase.text.toLowerCase() === 'free') this.#negateBefore();
        return;
      default:
        this.#link(phrase, meaning.kind);
    }
  }

  #link(phrase: Phrase, kind: Exclude<Meaning['kind'], 'quote'>): void {
    this.#negation.join(kind, this.phrases, this.#at);
    if (kind === 'in' && this.#thingFollows()) {
      this.items.push({ type: 'relation', relation: 'inside', it: false, negated: false, phrase });
    }
    if (kind === 'stop' || kind === 'but' || kind === 'break') this.#comparing = false;
    if (kind === 'stop' || (kind === 'comma' && !this.#nounFollows(this.#at))) this.#pending = nothingPending();
    // "红色的苹果": the particle after a modifier joins nothing.
    if (kind === 'of' && this.#afterModifier()) return;
    if (LINKS.has(kind)) this.items.push({ type: 'link', link: kind as LinkKind, text: phrase.text });
  }

  /** "in a car", but not "in red" and not "in the city". */
  #thingFollows(): boolean {
    for (let i = this.#at + 1; i < this.phrases.length; i++) {
      const { kind } = this.phrases[i]!.meanings[0];
      if (kind === 'concept' || kind === 'stand-in') return !this.phrases[i]!.meanings.some(isSceneStandIn);
      if (!['determiner', 'colour', 'size', 'descriptive', 'count'].includes(kind)) return false;
    }
    return false;
  }

  #afterModifier(): boolean {
    const before = this.phrases[this.#at - 1]?.meanings[0].kind ?? '';
    return ['colour', 'size', 'descriptive', 'style', 'filler', 'count'].includes(before);
  }

  /** A word that is a colour and a thing ("orange") is a colour where a noun follows or a copula precedes. */
  #choose(phrase: Phrase): Meaning {
    const [first, second] = phrase.meanings;
    if (second === undefined || first.kind !== 'colour') return first;
    const before = this.phrases[this.#at - 1]?.meanings[0].kind;
    const joinsColours = before === 'and' && this.#pending.colours.length > 0;
    if (phrase.plural) return second;
    return this.#nounFollows(this.#at) || before === 'copula' || joinsColours ? first : second;
  }

  /** Whether the words after `at` lead to a noun that a modifier at `at` belongs to. */
  #nounFollows(at: number): boolean {
    for (let i = at + 1; i < this.phrases.length; i++) {
      const { kind } = this.phrases[i]!.meanings[0];
      if (NOUN_KINDS.has(kind)) return true;
      if (kind === 'colour' && this.phrases[i]!.meanings.length > 1) return true;
      if (/^ones?$/iu.test(this.phrases[i]!.text)) return true;
      if (['colour', 'size', 'descriptive', 'of', 'filler', 'style'].includes(kind)) continue;
      const next = this.phrases[i + 1]?.meanings[0].kind ?? '';
      // "red and white balls", "red, shiny apple"
      if ((kind === 'and' || kind === 'comma') && next === 'colour') continue;
      if (kind === 'comma' && (next === 'descriptive' || next === 'size') && this.#nounIsOpen(at)) continue;
      return false;
    }
    return false;
  }

  /** An article or number has opened a noun phrase that is still waiting for its noun. */
  #nounIsOpen(at: number): boolean {
    const before = this.phrases[at - 1]?.meanings[0].kind ?? '';
    return (
      this.#pending.definite !== null || this.#pending.count !== null || before === 'determiner' || before === 'count'
    );
  }

  #noun(phrase: Phrase, meaning: MeaningOf<'concept' | 'stand-in' | 'thing'>): void {
    const negated = this.#negation.open;
    if (this.#comparing) {
      this.#comparing = false;
      this.#pending = nothingPending();
      this.reading.compared.push(phrase);
      return;
    }
    if (this.#isModifierOfNext(phrase, meaning)) {
      this.reading.ignored.push(phrase);
      return;
    }
    if (this.#isTailOfBefore(phrase, meaning)) {
      this.reading.ignored.push(phrase);
      return;
    }
    this.#negation.close();
    const sceneTarget = meaning.kind === 'stand-in' ? meaning.targets[0] : undefined;
    if (sceneTarget && sceneTarget.as !== 'concept') {
      const list = negated ? null : this.reading.scene;
      list?.push({ kind: sceneTarget.as, id: sceneTarget.id, phrase, standIn: true });
      this.items.push({ type: 'scene', text: phrase.text });
      this.#pending = nothingPending();
      return;
    }
    const mention = this.#knownMention(phrase, meaning, negated) ?? this.#newMention(phrase, meaning, negated);
    this.items.push({ type: 'mention', mention });
    this.#pending = nothingPending();
  }

  #newMention(phrase: Phrase, meaning: MeaningOf<'concept' | 'stand-in' | 'thing'>, negated: boolean): Mention {
    const { colours, count, size, definite, other } = this.#pending;
    const mention: Mention = {
      ...(meaning.kind === 'concept' ? { concept: meaning.id } : {}),
      ...(meaning.kind === 'stand-in' ? { standIns: meaning.targets } : {}),
      phrase,
      colours: colours.map(({ id }) => id),
      excludedColours: [],
      colourPhrases: colours.map((colour) => colour.phrase),
      count,
      plural: phrase.plural,
      size,
      side: null,
      negated,
      other,
      definite,
    };
    this.reading.mentions.push(mention);
    return mention;
  }

  /** "The dog" after "a dog" is the same dog; so is a bare noun, or a pronoun-like "这只狗". */
  #knownMention(
    phrase: Phrase,
    meaning: MeaningOf<'concept' | 'stand-in' | 'thing'>,
    negated: boolean,
  ): Mention | null {
    const { definite, count, colours, other } = this.#pending;
    if (negated || other || count !== null || definite === false) return null;
    if (definite === null && phrase.plural) return null;
    const same = this.reading.mentions.filter(
      (mention) =>
        !mention.negated &&
        (meaning.kind === 'concept'
          ? mention.concept === meaning.id
          : mention.phrase.text.toLowerCase() === phrase.text.toLowerCase()),
    );
    const wanted = colours[0]?.id;
    const match =
      wanted === undefined
        ? same[0]
        : (same.find((mention) => mention.colours.includes(wanted)) ??
          same.find((mention) => mention.colours.length === 0 && (definite === true || !isSeveral(mention))));
    if (!match) return null;
    // A keyword list names things without articles; only a relation or a verb makes a bare repetition a reference.
    if (match.colours.length === 0) this.#colourMention(match, colours);
    match.size ??= this.#pending.size;
    return match;
  }

  /** "a toy elephant", "a robot dog", "a fruit salad": the first noun only describes the second. */
  #isModifierOfNext(phrase: Phrase, meaning: Meaning): boolean {
    const next = this.phrases[this.#at + 1];
    if (!next || !this.#touches(phrase, next) || phrase.plural) return false;
    const kind = next.meanings[0].kind;
    if (meaning.kind === 'stand-in' && kind === 'thing') return true;
    if (kind !== 'concept') return false;
    if (meaning.kind === 'thing') return true;
    const opened = this.#pending.definite !== null || this.#pending.count !== null;
    return opened || next.plural || this.#isTitle(phrase);
  }

  /** "Robot dog chasing ...": two nouns and a verb are one thing, while "robot dog" alone may be a list. */
  #isTitle(phrase: Phrase): boolean {
    const verb = this.phrases[2]?.meanings[0].kind ?? '';
    return this.#at === 0 && phrase.language === 'en' && ['descriptive', 'copula', 'with', 'relation'].includes(verb);
  }

  /** "a dinosaur toy": the second noun, itself not drawable, adds nothing to the first. */
  #isTailOfBefore(phrase: Phrase, meaning: Meaning): boolean {
    const before = this.phrases[this.#at - 1];
    if (meaning.kind !== 'stand-in' || !before || !this.#touches(before, phrase)) return false;
    return before.meanings[0].kind === 'concept' && !before.plural && this.#lastMention()?.phrase === before;
  }

  /** Neighbours within one noun phrase: same language, only a space or a hyphen (in Chinese: nothing) between. */
  #touches(a: Phrase, b: Phrase): boolean {
    const gap = b.start - (a.start + a.text.length);
    return a.language === b.language && (a.language === 'zh' ? gap === 0 : gap >= 0 && gap <= 1);
  }

  #scene(phrase: Phrase, { kind, id }: MeaningOf<'place' | 'time' | 'style'>): void {
    if (this.#comparing) {
      this.#comparing = false;
      this.reading.compared.push(phrase);
      return;
    }
    const excluded = this.#negation.open;
    this.#negation.close();
    (excluded ? this.reading.excludedScene : this.reading.scene).push({ kind, id, phrase, standIn: false });
    if (kind === 'style') return;
    this.items.push({ type: 'scene', text: phrase.text });
    if (!this.#nounFollowsDirectly()) this.#pending = nothingPending();
  }

  /** "a red city bus": the place word stands inside the noun phrase. */
  #nounFollowsDirectly(): boolean {
    const next = this.phrases[this.#at + 1];
    return next !== undefined && next.meanings[0].kind === 'concept' && this.#touches(this.phrases[this.#at]!, next);
  }

  #colour(phrase: Phrase, { id }: MeaningOf<'colour'>): void {
    if (this.#comparing) return;
    if (this.#nounFollows(this.#at)) {
      this.#pending.colours.push({ id, phrase });
      return;
    }
    const targets = this.#colourTargets();
    if (this.#negation.open) {
      for (const target of targets) target.excludedColours.push(id);
      this.#negation.close();
      return;
    }
    const [target] = targets;
    // "a red apple and a green": one more of the same.
    if (target && this.#followsAnd() && target.colourPhrases.some((before) => before.start < target.phrase.start)) {
      this.#pending.colours.push({ id, phrase });
      this.#anotherOne();
      return;
    }
    if (targets.length === 0) this.reading.ignored.push(phrase);
    for (const target of targets) this.#colourMention(target, [{ id, phrase }]);
  }

  #followsAnd(): boolean {
    const before = this.phrases.slice(Math.max(0, this.#at - 2), this.#at).map((phrase) => phrase.meanings[0].kind);
    const last = before.at(-1);
    return last === 'and' || ((last === 'determiner' || last === 'count') && before[0] === 'and');
  }

  #colourMention(mention: Mention, colours: readonly { id: string; phrase: Phrase }[]): void {
    for (const { id, phrase } of colours) {
      mention.colours.push(id);
      mention.colourPhrases.push(phrase);
    }
  }

  /** Whom a colour after its noun describes: the subject of the clause, or the whole group after "both". */
  #colourTargets(): Mention[] {
    const clause: Item[] = [];
    for (let i = this.items.length - 1; i >= 0; i--) {
      const item = this.items[i]!;
      if (item.type === 'link' && item.link === 'stop') break;
      clause.unshift(item);
    }
    const mentions = clause.flatMap((item) => (item.type === 'mention' && !item.mention.negated ? [item.mention] : []));
    const last = mentions.at(-1);
    if (!last) return this.#lastMention() ? [this.#lastMention()!] : [];
    const words = this.phrases.slice(Math.max(0, this.#at - 2), this.#at).map((phrase) => phrase.text.toLowerCase());
    if (words.some((word) => word === 'both' || word === 'all' || word === '都是' || word === '全是' || word === '都'))
      return mentions.slice(-3);
    // "the dog left of the house is brown": the object of a relation is not the subject of the verb.
    const copula = clause.findLastIndex((item) => item.type === 'link' && item.link === 'copula');
    const relation = clause.findIndex((item) => item.type === 'relation');
    const objectBetween =
      relation >= 0 && relation < copula && mentions.length > 1 && clause[copula - 1]?.type === 'mention';
    return [objectBetween ? mentions[0]! : last];
  }

  #lastMention(): Mention | undefined {
    return this.reading.mentions.findLast((mention) => !mention.negated);
  }

  #count(phrase: Phrase, { count, after }: MeaningOf<'count'>): void {
    const word = phrase.text.toLowerCase();
    if (after) {
      const last = this.#lastMention();
      if (last) last.count ??= count;
      return;
    }
    const before = this.phrases[this.#at - 1]?.meanings[0].kind;
    if ((word === 'one' || word === 'ones') && (before === 'colour' || before === 'size')) {
      this.#anotherOne();
      return;
    }
    if (word === 'both' && !this.#nounFollows(this.#at)) return;
    this.#pending.count = count;
  }

  #takeBack(): void {
    const last = this.#lastMention();
    if (!last) return;
    this.reading.mentions.splice(this.reading.mentions.indexOf(last), 1);
    this.reading.takenBack.push(last.phrase);
    const at = this.items.findLastIndex((item) => item.type === 'mention' && item.mention === last);
    if (at >= 0) this.items.splice(at);
    this.#pending = nothingPending();
  }

  /** "two balloons, a red one and a blue one": tells of the things already named. */
  #anotherOne(): void {
    const group = this.#lastMention();
    if (!group) return;
    const colours = this.#pending.colours;
    const parent = this.reading.mentions.find(
      (mention) =>
        mention.concept === group.concept &&
        mention.colours.length === 0 &&
        (mention.count ?? (mention.plural ? 2 : 1)) > 0,
    );
    const definite = this.#pending.definite;
    this.#pending = nothingPending();
    // "the red one" refers to one that was told of before; "the other" does not.
    if (definite === true && colours.length > 0) return;
    const one: Mention = {
      ...group,
      phrase: { ...group.phrase, plural: false },
      colours: [],
      colourPhrases: [],
      excludedColours: [],
      count: 1,
      plural: false,
      side: null,
    };
    this.#colourMention(one, colours);
    if (parent) {
      parent.count = (parent.count ?? (parent.plural ? 2 : 1)) - 1;
      if (parent.count === 0) this.reading.mentions.splice(this.reading.mentions.indexOf(parent), 1);
    }
    this.reading.mentions.push(one);
    this.items.push({ type: 'mention', mention: one });
  }

  #size(phrase: Phrase, size: 'small' | 'large'): void {
    if (this.#nounFollows(this.#at)) {
      this.#pending.size = size;
      return;
    }
    const last = this.#lastMention();
    const compares = this.phrases
      .slice(Math.max(0, this.#at - 4), this.#at)
      .some(({ text }) => text === '比' || text === 'than');
    if (last && !this.#negation.open && !compares) last.size ??= size;
    else this.reading.ignored.push(phrase);
  }

  #relation(phrase: Phrase, { relation, it }: MeaningOf<'relation'>): void {
    const negated = this.#negation.open;
    if (negated) this.#negation.end();
    else this.#negation.join('relation', this.phrases, this.#at);
    this.items.push({ type: 'relation', relation, it: it === true, negated, phrase });
  }

  #negateBefore(): void {
    for (let i = this.items.length - 1; i >= 0; i--) {
      const item = this.items[i]!;
      if (item.type === 'link' && (item.link === 'and' || item.link === 'or' || item.text === '、')) continue;
      if (item.type !== 'mention') break;
      const at = this.reading.mentions.indexOf(item.mention);
      const negated: Mention = { ...item.mention, negated: true };
      if (at >= 0) this.reading.mentions[at] = negated;
      this.items[i] = { type: 'mention', mention: negated };
      if (this.items[i - 1]?.type !== 'link') break;
    }
  }

  /** Takes out what follows "named" (one word) or "that says" (the rest of the clause), or all between quotes. */
  #skipText(reach: 'word' | 'clause'): void {
    const first = this.#at + 1;
    let end = first;
    if (this.phrases[end]?.meanings[0].kind === 'quote') {
      end++;
      while (end < this.phrases.length && this.phrases[end]!.meanings[0].kind !== 'quote') end++;
    } else {
      const stops =
        reach === 'word' ? ['comma', 'stop', 'and', 'copula', 'relation', 'of'] : ['comma', 'stop', 'relation'];
      while (end < this.phrases.length && !stops.includes(this.phrases[end]!.meanings[0].kind)) {
        end++;
        if (reach === 'word') break;
      }
      end--;
    }
    const text = this.phrases
      .slice(first, end + 1)
      .filter((phrase) => phrase.meanings[0].kind !== 'quote')
      .map((phrase) => phrase.text);
    if (text.length > 0) this.reading.texts.push(text.join(' '));
    this.#at = Math.max(this.#at, Math.min(end, this.phrases.length - 1));
  }

  #descriptive(phrase: Phrase): void {
    this.reading.ignored.push(phrase);
  }
}
