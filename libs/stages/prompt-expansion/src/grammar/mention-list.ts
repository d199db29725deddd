import type { MeaningOf } from '../lexicon/meaning.js';
import type { Item, Mention, PromptReading } from './reading.js';
import type { Phrase } from './recognise.js';

export interface GivenColour {
  readonly id: string;
  readonly phrase: Phrase;
}

/** Modifiers that wait for their noun. */
export interface Pending {
  colours: GivenColour[];
  count: number | null;
  size: 'small' | 'large' | null;
  definite: boolean | null;
  other: boolean;
}

export const nothingPending = (): Pending => ({ colours: [], count: null, size: null, definite: null, other: false });

type Noun = MeaningOf<'concept' | 'stand-in' | 'thing'>;

const numberOf = (mention: Mention): number => mention.count ?? (mention.plural ? 2 : 1);

export function addColours(mention: Mention, colours: readonly GivenColour[]): void {
  for (const { id, phrase } of colours) {
    mention.colours.push(id);
    mention.colourPhrases.push(phrase);
  }
}

/** The things a prompt speaks of, and which of them a later word refers to. */
export class MentionList {
  constructor(
    readonly reading: PromptReading,
    readonly items: Item[],
  ) {}

  last(): Mention | undefined {
    return this.reading.mentions.findLast((mention) => !mention.negated);
  }

  /** Enters a noun with its modifiers: as something new, or as what was already spoken of. */
  name(phrase: Phrase, noun: Noun, pending: Pending, negated: boolean): void {
    const mention = this.#known(phrase, noun, pending, negated) ?? this.#add(phrase, noun, pending, negated);
    this.items.push({ type: 'mention', mention });
  }

  #add(phrase: Phrase, noun: Noun, { colours, count, size, definite, other }: Pending, negated: boolean): Mention {
    const mention: Mention = {
      ...(noun.kind === 'concept' ? { concept: noun.id } : {}),
      ...(noun.kind === 'stand-in' ? { standIns: noun.targets } : {}),
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

  /** "The dog" after "a dog" is the same dog; so is a bare "dog", and "blue balloon" after one plain balloon. */
  #known(phrase: Phrase, noun: Noun, pending: Pending, negated: boolean): Mention | null {
    const { definite, count, colours, other } = pending;
    if (negated || other || count !== null || definite === false) return null;
    if (definite === null && phrase.plural) return null;
    const text = phrase.text.toLowerCase();
    const same = this.reading.mentions.filter(
      (mention) =>
        !mention.negated &&
        (noun.kind === 'concept' ? mention.concept === noun.id : mention.phrase.text.toLowerCase() === text),
    );
    const wanted = colours[0]?.id;
    const plain = (mention: Mention): boolean =>
      mention.colours.length === 0 && (definite === true || numberOf(mention) === 1);
    const match =
      wanted === undefined ? same[0] : (same.find(({ colours: has }) => has.includes(wanted)) ?? same.find(plain));
    if (!match) return null;
    if (match.colours.length === 0) addColours(match, colours);
    match.size ??= pending.size;
    return match;
  }

  /** "two balloons, a red one and a blue one": one more of the kind named last, out of the number named before. */
  anotherOne({ colours, definite }: Pending): void {
    const group = this.last();
    // "the red one" refers to one that was told of before; "the other" does not.
    if (!group || (definite === true && colours.length > 0)) return;
    const parent = this.reading.mentions.find(
      (mention) => mention.concept === group.concept && mention.colours.length === 0 && numberOf(mention) > 0,
    );
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
    addColours(one, colours);
    if (parent) {
      parent.count = numberOf(parent) - 1;
      if (parent.count === 0) this.reading.mentions.splice(this.reading.mentions.indexOf(parent), 1);
    }
    this.reading.mentions.push(one);
    this.items.push({ type: 'mention', mention: one });
  }

  /** "a car, no wait, ...": the thing named last is not wanted after all. */
  takeBack(): void {
    const last = this.last();
    if (!last) return;
    this.reading.mentions.splice(this.reading.mentions.indexOf(last), 1);
    this.reading.takenBack.push(last.phrase);
    const at = this.items.findLastIndex((item) => item.type === 'mention' && item.mention === last);
    if (at >= 0) this.items.splice(at);
  }

  /** "dogs are not allowed", "狗和猫都不要": forbids the thing named last and those joined to it. */
  negateLast(): void {
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

  /** Whom a colour after its noun describes: the subject of the clause, or with `all` the whole group. */
  colourTargets(all: boolean): Mention[] {
    const stop = this.items.findLastIndex((item) => item.type === 'link' && item.link === 'stop');
    const clause = this.items.slice(stop + 1);
    const mentions = clause.flatMap((item) => (item.type === 'mention' && !item.mention.negated ? [item.mention] : []));
    const last = mentions.at(-1) ?? this.last();
    if (!last) return [];
    if (all) return mentions.slice(-3);
    // "the dog left of the house is brown": the object of a relation is not the subject of the verb.
    const copula = clause.findLastIndex((item) => item.type === 'link' && item.link === 'copula');
    const relation = clause.findIndex((item) => item.type === 'relation');
    const objectBetween =
      relation >= 0 && relation < copula && mentions.length > 1 && clause[copula - 1]?.type === 'mention';
    return [objectBetween ? mentions[0]! : last];
  }
}
