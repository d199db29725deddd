import type { Item, LinkKind, Mention } from './reading.js';

/** Looks along the items of a prompt. All positions are indices of items; -1 is "none". */
export class ItemLine {
  constructor(readonly items: readonly Item[]) {}

  mention(at: number): Mention | null {
    const item = this.items[at];
    return item?.type === 'mention' ? item.mention : null;
  }

  isLink(at: number, ...links: readonly LinkKind[]): boolean {
    const item = this.items[at];
    return item?.type === 'link' && links.includes(item.link);
  }

  linkText(at: number): string {
    const item = this.items[at];
    return item?.type === 'link' ? item.text : '';
  }

  /** The first position before `at`, going back, that is none of these links. */
  before(at: number, ...over: readonly LinkKind[]): number {
    let i = at - 1;
    while (this.isLink(i, ...over)) i--;
    return i;
  }

  /** The next mention from `from` on, with nothing between but these links. */
  nextMention(from: number, over: readonly LinkKind[]): number {
    for (let i = from; i < this.items.length; i++) {
      if (this.mention(i)) return i;
      if (!this.isLink(i, ...over)) return -1;
    }
    return -1;
  }

  /** The first position of the sentence that `at` is in. */
  sentenceStart(at: number): number {
    for (let i = at - 1; i >= 0; i--) if (this.isLink(i, 'stop')) return i + 1;
    return 0;
  }

  mentionsBetween(from: number, to: number): Mention[] {
    return this.items.slice(from, to).flatMap((item) => (item.type === 'mention' ? [item.mention] : []));
  }

  /** What the sentence of `at` has named before it. */
  namedInSentence(at: number): Mention[] {
    return this.mentionsBetween(this.sentenceStart(at), at);
  }

  /** The mention at `at` with those joined to it by "and" just before it, up to one that `ends` the group. */
  groupEndingAt(at: number, ends: (mention: Mention) => boolean): Mention[] {
    const group = [this.mention(at)!];
    for (let i = at; this.isLink(i - 1, 'and'); i -= 2) {
      const joined = this.mention(i - 2);
      if (!joined || ends(joined)) break;
      group.unshift(joined);
    }
    return group;
  }

  groupStartingAt(at: number): Mention[] {
    const group = [this.mention(at)!];
    for (let i = at; this.isLink(i + 1, 'and'); i += 2) {
      const joined = this.mention(i + 2);
      // "and a tree behind ..." begins something of its own.
      if (!joined || this.items[i + 3]?.type === 'relation') break;
      group.push(joined);
    }
    return group;
  }
}
