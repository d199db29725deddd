import type { Relation } from '@atelier/contracts';
import { SIDE_OF_RELATION, type SpatialRelation } from '../lexicon/meaning.js';
import { ItemLine } from './item-line.js';
import type { AskedRelation, Item, Mention, PromptReading } from './reading.js';

const isDrawable = (mention: Mention): boolean => mention.concept !== undefined || (mention.standIns?.length ?? 0) > 0;

interface Related {
  readonly subjects: Mention[];
  readonly objects: Mention[];
}

type RelationItem = Extract<Item, { type: 'relation' }>;

/** Turns relation words among the items into relations between mentions, and sides of the frame into sides. */
export function relate(items: readonly Item[], reading: PromptReading): void {
  new RelationGrammar(new ItemLine(items), reading).run();
}

class RelationGrammar {
  /** Mentions that are the object of an earlier relation: "and right of ..." goes on with the subject, not with them. */
  readonly #objects = new Set<Mention>();
  /** What the latest "it" stood for: the topic that the next "it" keeps. */
  #topic: Mention | null = null;
  #last: { subjects: readonly Mention[]; objects: readonly Mention[] } | null = null;
  #sidesComeFirst = false;

  constructor(
    readonly line: ItemLine,
    readonly reading: PromptReading,
  ) {}

  run(): void {
    this.line.items.forEach((item, at) => {
      if (item.type === 'side') this.#side(at, item.side);
      if (item.type !== 'relation' || item.negated) return;
      const pair = item.phrase.language === 'zh' ? this.#chinese(at, item) : this.#english(at, item);
      if (pair) this.#record(pair.subjects, item, pair.objects);
    });
    this.#relateSides();
  }

  // --- English: the object follows the preposition

  #english(at: number, item: RelationItem): Related | null {
    if (item.it) return this.#pronoun(at, item);
    const objectAt = this.line.nextMention(at + 1, ['of', 'copula']);
    if (objectAt < 0) {
      if (this.line.isLink(at + 1, 'pronoun')) return this.#pronoun(at, item);
      return null;
    }
    if (item.relation === 'between') return this.#between(at, objectAt, item);
    const objects = [this.line.mention(objectAt)!];
    const after = this.#subjectAfter(at, objectAt);
    // A thing put first is what the sentence goes on about.
    if (after) this.#topic = objects[0]!;
    const subjects = after ?? this.#subjectBefore(at);
    return subjects ? { subjects, objects } : null;
  }

  /** "Left of the dog is an apple", "Behind the castle, a tree": the order is turned round. */
  #subjectAfter(at: number, objectAt: number): Mention[] | null {
    const nothingBefore = this.line.namedInSentence(at).length === 0;
    const copulaNext =
      this.line.isLink(objectAt + 1, 'copula') ||
      (this.line.isLink(objectAt + 1, 'comma') && this.line.isLink(objectAt + 2, 'copula'));
    if (!copulaNext && !nothingBefore) return null;
    const next = this.line.nextMention(objectAt + 1, ['copula', 'comma', 'which']);
    if (next < 0) return null;
    return this.line.groupStartingAt(next);
  }

  #groupEndingAt(at: number): Mention[] {
    return this.line.groupEndingAt(at, (mention) => this.#objects.has(mention));
  }

  #subjectBefore(at: number): Mention[] | null {
    const i = this.line.before(at, 'copula', 'which', 'with');
    const start = this.line.sentenceStart(at);
    // "It sits left of ...": what was spoken of before.
    if (this.line.isLink(i, 'pronoun')) {
      const subject = this.#topic ?? this.line.mentionsBetween(0, i).at(-1);
      return subject ? [subject] : null;
    }
    if (i < start) return null;
    const direct = this.line.mention(i);
    if (direct && !direct.negated && isDrawable(direct)) return this.#groupEndingAt(i);
    // "..., next to a house" and "... and right of a tree" go on with the subject of the sentence.
    if (this.line.isLink(i, 'and', 'comma', 'but') && this.#last) return [...this.#last.subjects];
    // "an elephant with a hat, beside ...": a thing that is not drawn stands nowhere.
    for (let k = i; k >= start; k--) {
      const mention = this.line.mention(k);
      if (mention && !mention.negated && isDrawable(mention)) return this.#groupEndingAt(k);
    }
    return direct ? [direct] : null;
  }

  /** "behind it", "to its left": the other thing was named before. */
  #pronoun(at: number, item: RelationItem): Related | null {
    const before = this.line.mentionsBetween(0, at);
    const isPair = /each other|one another|side by side/u.test(
      `${item.phrase.text} ${this.line.linkText(at + 1)}`.toLowerCase(),
    );
    if (isPair) {
      const [first, second] = before.slice(-2);
      return first && second ? { subjects: [first], objects: [second] } : null;
    }
    const after = this.line.isLink(at + 1, 'pronoun') ? at + 2 : at + 1;
    const next = this.line.nextMention(after, ['copula', 'comma']);
    // "Behind it is a house" has a new thing after; "with a cat behind it" has it before.
    if (next >= 0 && (!this.line.mention(at - 1) || this.line.isLink(after, 'copula'))) {
      const here = this.line.namedInSentence(at);
      const keepsTopic = this.#topic !== null && (here.length === 0 || here.includes(this.#topic));
      const object = keepsTopic ? this.#topic : (here.at(-1) ?? this.#last?.subjects[0] ?? before.at(-1));
      this.#topic = object ?? null;
      return object ? { subjects: this.line.groupStartingAt(next), objects: [object] } : null;
    }
    const subject = before.at(-1);
    const object = before.findLast((mention) => mention !== subject);
    return subject && object ? { subjects: [subject], objects: [object] } : null;
  }

  #between(at: number, firstAt: number, item: RelationItem): null {
    const secondAt = this.line.nextMention(firstAt + 1, ['and', 'comma']);
    const subjects = this.#subjectBefore(at) ?? (secondAt >= 0 ? this.#subjectAfter(at, secondAt) : null);
    const first = this.line.mention(firstAt);
    const second = secondAt < 0 ? null : this.line.mention(secondAt);
    this.#recordBetween(subjects, first, second, item);
    return null;
  }

  #recordBetween(
    subjects: readonly Mention[] | null,
    first: Mention | null,
    second: Mention | null,
    item: RelationItem,
  ): void {
    if (!subjects?.[0] || !first || !second) return;
    this.#record([subjects[0]], { ...item, relation: 'right-of' }, [first]);
    this.#record([subjects[0]], { ...item, relation: 'left-of' }, [second]);
  }

  // --- Chinese: the object precedes the place word

  #chinese(at: number, item: RelationItem): Related | null {
    const objectAt = this.line.before(at, 'of');
    if (!this.line.mention(objectAt)) return this.#chineseWithoutObject(at, item);
    const objects = this.#groupEndingAt(objectAt);
    const firstObjectAt = objectAt - 2 * (objects.length - 1);
    const subjects = this.#chineseSubject(at, firstObjectAt);
    if (!subjects) return null;
    if (item.relation === 'between') {
      this.#recordBetween(subjects, objects[0] ?? null, objects[1] ?? null, item);
      return null;
    }
    return { subjects, objects };
  }

  #chineseSubject(at: number, firstObjectAt: number): Mention[] | null {
    const next = this.line.nextMention(at + 1, ['copula', 'comma', 'of', 'which']);
    const modifies = this.line.isLink(at + 1, 'of') && next >= 0;
    const exists =
      this.line.isLink(at + 1, 'copula') || (this.line.isLink(at + 1, 'comma') && this.line.isLink(at + 2, 'copula'));
    if (this.line.isLink(firstObjectAt - 1, 'locative') && !modifies) {
      const i = this.line.before(firstObjectAt - 1, 'comma', 'copula', 'of', 'which');
      // "狗在房子的左边": the subject stands before 在, within the sentence.
      if (i >= this.line.sentenceStart(at) && this.line.mention(i)) return this.#groupEndingAt(i);
    }
    const opensSentence = !this.line.namedInSentence(firstObjectAt).length;
    if (next >= 0 && (modifies || exists || opensSentence || !this.line.isLink(at + 1, 'comma')))
      return this.line.groupStartingAt(next);
    return null;
  }

  /** "右边是一棵树" after a relation goes on with the thing that one referred to; else it is a side of the frame. */
  #chineseWithoutObject(at: number, item: RelationItem): Related | null {
    const next = this.line.nextMention(at + 1, ['copula', 'and']);
    const pronoun =
      this.line.isLink(at - 1, 'pronoun') || (this.line.isLink(at - 1, 'of') && this.line.isLink(at - 2, 'pronoun'));
    const refersBack = pronoun || item.relation === 'beside';
    const before = this.line.mentionsBetween(0, at);
    if (next >= 0 && this.#last && !this.#sideBefore(at)) {
      return { subjects: this.line.groupStartingAt(next), objects: [...this.#last.objects] };
    }
    if (refersBack && next >= 0 && before.length > 0) {
      return { subjects: this.line.groupStartingAt(next), objects: [before.at(-1)!] };
    }
    const asSide = SIDE_OF_RELATION[item.relation];
    if (asSide) this.#side(at, asSide);
    return null;
  }

  #sideBefore(at: number): boolean {
    return this.line.items.slice(this.line.sentenceStart(at), at).some((item) => item.type === 'side');
  }

  // --- sides of the frame

  #side(at: number, side: NonNullable<Mention['side']>): void {
    const before = this.line.before(at, 'copula', 'which', 'locative', 'of');
    const startsSentence = this.line.namedInSentence(at).length === 0;
    if (startsSentence) this.#sidesComeFirst = true;
    const next = this.line.nextMention(at + 1, ['copula', 'comma', 'with', 'of']);
    const followedByCopula = this.line.isLink(at + 1, 'copula');
    const target =
      next >= 0 &&
      (startsSentence ||
        followedByCopula ||
        (this.#sidesComeFirst && !this.line.mention(before)) ||
        !this.line.mention(before))
        ? this.line.groupStartingAt(next)
        : this.line.mention(before)
          ? [this.line.mention(before)!]
          : [];
    for (const mention of target) mention.side ??= side;
    // "a dog with a tree on the left": beside the dog, not only in the left half.
    const owner = this.line.isLink(before - 1, 'with') ? this.line.mention(before - 2) : null;
    if (
      owner &&
      target[0] === this.line.mention(before) &&
      (side === 'left' || side === 'right') &&
      owner.side === null
    ) {
      this.#push(target[0]!, `${side}-of`, owner);
    }
  }

  /** Things put on opposite sides lie beside each other. */
  #relateSides(): void {
    const at = (side: Mention['side']): Mention[] =>
      this.reading.mentions.filter((mention) => mention.side === side && !mention.negated);
    const opposite: readonly [Mention['side'], Relation, Mention['side']][] = [
      ['left', 'left-of', 'right'],
      ['left', 'left-of', 'centre'],
      ['centre', 'left-of', 'right'],
      ['top', 'above', 'bottom'],
      ['front', 'in-front-of', 'back'],
    ];
    for (const [first, relation, second] of opposite) {
      for (const a of at(first)) for (const b of at(second)) this.#push(a, relation, b);
    }
    // "with a castle in the background": behind what the prompt is about.
    const hero = this.reading.mentions.find(
      (mention) => !mention.negated && mention.side !== 'back' && mention.side !== 'top',
    );
    if (hero && hero.side !== 'front') for (const far of at('back')) this.#push(far, 'behind', hero);
    const rest = this.reading.mentions.find((mention) => !mention.negated && mention.side === null);
    if (rest) for (const near of at('front')) this.#push(near, 'in-front-of', rest);
  }

  // --- recording

  #record(subjects: readonly Mention[], item: RelationItem, objects: readonly Mention[]): void {
    this.#last = { subjects, objects };
    for (const object of objects) this.#objects.add(object);
    for (const subject of subjects) {
      for (const object of objects) {
        if (subject === object) continue;
        if (item.relation === 'inside' || item.relation === 'between') {
          this.reading.lostRelations.push({ phrase: item.phrase, object: object.phrase.text });
        } else this.#push(subject, item.relation, object);
      }
    }
  }

  #push(subject: Mention, relation: Exclude<SpatialRelation, 'inside' | 'between'>, object: Mention): void {
    const known = this.reading.relations.some(
      (other: AskedRelation) => other.subject === subject && other.object === object && other.relation === relation,
    );
    if (!known) this.reading.relations.push({ subject, relation, object });
  }
}
