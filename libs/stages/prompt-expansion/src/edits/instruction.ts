import { type Phrase, recognise } from '../grammar/recognise.js';
import { SHADE_WORDS } from '../lexicon/colour-words.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { type EditAct, type Meaning, SIDE_OF_RELATION, type Side, type SpatialRelation } from '../lexicon/meaning.js';
import type { VocabularyConcept } from '../vocabulary.js';

/** A thing of the vocabulary as an instruction names it. */
export interface NamedThing {
  readonly concept: VocabularyConcept;
  readonly phrase: Phrase;
  /** Said before the noun, or behind it where a new thing is described. */
  readonly colours: readonly Phrase[];
  readonly size: 'small' | 'large' | null;
  /** "the dog" and 把狗 are in the picture, "a dog" and 一只狗 are not yet; null where the words leave it open. */
  readonly definite: boolean | null;
  readonly count: number | null;
}

/** What an instruction consists of, in the order it was said; words without meaning are left out. */
export type Part =
  | { readonly type: 'act'; readonly act: EditAct; readonly phrase: Phrase }
  | { readonly type: 'thing'; readonly thing: NamedThing }
  | { readonly type: 'colour'; readonly id: string; readonly phrase: Phrase }
  | {
      readonly type: 'scene';
      readonly kind: 'place' | 'time' | 'style';
      readonly id: string;
      readonly phrase: Phrase;
      readonly standIn: boolean;
    }
  | { readonly type: 'side'; readonly side: Side; readonly phrase: Phrase }
  | {
      readonly type: 'relation';
      readonly relation: SpatialRelation;
      readonly to: NamedThing | null;
      readonly phrase: Phrase;
    }
  | { readonly type: 'picture'; readonly number: number; readonly phrase: Phrase }
  | { readonly type: 'and' | 'stop'; readonly phrase: Phrase }
  /** Could mean something, and is nothing an edit can use. */
  | { readonly type: 'strange'; readonly phrase: Phrase };

export interface Instruction {
  readonly parts: readonly Part[];
  /** Understood, and without effect: moods, shades. */
  readonly ignored: readonly Phrase[];
}

/** Fillers of a description that change what an edit says. */
const MEANINGFUL = new Set('less almost half only except more bigger smaller most least other another'.split(' '));

/** Reads an instruction in the words of `editLexiconOf`. Never throws: what means nothing here is `strange`. */
export function readInstruction(text: string, lexicon: Lexicon): Instruction {
  const reader = new InstructionReader(recognise(text, lexicon), lexicon);
  return { parts: reader.parts, ignored: reader.ignored };
}

class InstructionReader {
  readonly parts: Part[] = [];
  readonly ignored: Phrase[] = [];
  #colours: Phrase[] = [];
  #size: 'small' | 'large' | null = null;
  #sizePhrase: Phrase | null = null;
  #definite: boolean | null = null;
  #count: number | null = null;
  #at = 0;

  constructor(
    readonly phrases: readonly Phrase[],
    readonly lexicon: Lexicon,
  ) {
    for (; this.#at < phrases.length; this.#at++) this.#read(phrases[this.#at]!);
    this.#flush();
    this.#bindRelations();
  }

  #read(phrase: Phrase): void {
    const [meaning] = phrase.meanings;
    const word = phrase.text.toLowerCase();
    switch (meaning.kind) {
      case 'concept':
        this.#thing(phrase, meaning.id);
        return;
      case 'colour':
        this.#colours.push(phrase);
        return;
      case 'size':
        this.#size = meaning.size;
        this.#sizePhrase = phrase;
        return;
      case 'count':
        this.#count = meaning.count;
        return;
      case 'determiner':
        this.#flush();
        if (['every', 'each', 'any', '每', '各', '任何'].includes(word)) this.#strange(phrase);
        else this.#definite = meaning.definite;
        return;
      case 'place':
      case 'time':
      case 'style':
        this.#flush();
        this.parts.push({ type: 'scene', kind: meaning.kind, id: meaning.id, phrase, standIn: false });
        return;
      case 'stand-in': {
        const target = meaning.targets[0];
        this.#flush();
        if (!target || target.as === 'concept') this.#strange(phrase);
        else this.parts.push({ type: 'scene', kind: target.as, id: target.id, phrase, standIn: true });
        return;
      }
      case 'descriptive':
        if (SHADE_WORDS.has(word) || phrase.known || phrase.language === 'zh') this.ignored.push(phrase);
        else this.#strange(phrase);
        return;
      case 'filler':
        if (SHADE_WORDS.has(word)) this.ignored.push(phrase);
        else if (MEANINGFUL.has(word)) this.#strange(phrase);
        return;
      case 'edit':
        this.#act(phrase, meaning.act);
        return;
      case 'and':
        // "red and white": two colours of one thing are told apart later.
        if (this.#colours.length === 0 || !this.#thingFollows()) this.#flush();
        this.parts.push({ type: 'and', phrase });
        return;
      default:
        this.#structure(phrase, meaning);
    }
  }

  #structure(phrase: Phrase, meaning: Meaning): void {
    if (meaning.kind !== 'of') this.#flush();
    switch (meaning.kind) {
      case 'side':
        this.parts.push({ type: 'side', side: meaning.side, phrase });
        return;
      case 'relation':
        this.parts.push({ type: 'relation', relation: meaning.relation, to: null, phrase });
        return;
      case 'picture':
        this.parts.push({ type: 'picture', number: meaning.number, phrase });
        return;
      case 'pronoun':
        this.parts.push({ type: 'act', act: 'whole', phrase });
        return;
      case 'locative':
        // 汽车在右边 is no 汽车的右边: the place word does not belong to the thing before 在.
        this.parts.push({ type: 'and', phrase });
        return;
      case 'stop':
        if (this.parts.length > 0) this.parts.push({ type: 'stop', phrase });
        return;
      case 'thing':
      case 'scenery':
      case 'negation':
      case 'simile':
      case 'naming':
      case 'correction':
      case 'or':
      case 'other':
        this.#strange(phrase);
        return;
      default:
      // joins words and says nothing by itself
    }
  }

  #act(phrase: Phrase, act: EditAct): void {
    const word = phrase.text.toLowerCase();
    // "this dog" is a dog; "this" alone is the picture.
    if ((word === 'this' || word === '这') && this.#thingFollows()) {
      this.#definite = true;
      return;
    }
    this.#flush();
    this.parts.push({ type: 'act', act, phrase });
  }

  #thing(phrase: Phrase, id: string): void {
    const concept = this.lexicon.vocabulary.concepts.find((one) => one.id === id)!;
    const thing: NamedThing = {
      concept,
      phrase,
      colours: this.#colours,
      size: this.#size,
      definite: this.#definite ?? this.#definiteByVerb(phrase),
      count: this.#count ?? (isSeveral(phrase, concept) ? 2 : null),
    };
    this.parts.push({ type: 'thing', thing });
    this.#forget();
  }

  /** 把狗..., 将狗... speak of what is there; 一只狗 does not. */
  #definiteByVerb({ language }: Phrase): boolean | null {
    if (this.#count !== null) return false;
    if (language !== 'zh') return null;
    const before = this.phrases.slice(0, this.#at).map(({ text }) => text);
    return before.some((text) => /[把将]$/u.test(text)) && !this.parts.some(({ type }) => type === 'thing')
      ? true
      : null;
  }

  #thingFollows(): boolean {
    for (let i = this.#at + 1; i < this.phrases.length; i++) {
      const { kind } = this.phrases[i]!.meanings[0];
      if (kind === 'concept') return true;
      if (!['colour', 'size', 'descriptive', 'of', 'filler', 'and', 'count', 'determiner'].includes(kind)) return false;
    }
    return false;
  }

  /** What waited for a noun that never came stands by itself: "turn it red". */
  #flush(): void {
    for (const phrase of this.#colours) {
      const [meaning] = phrase.meanings;
      if (meaning.kind === 'colour') this.parts.push({ type: 'colour', id: meaning.id, phrase });
    }
    if (this.#sizePhrase) this.#strange(this.#sizePhrase);
    this.#forget();
  }

  #forget(): void {
    this.#colours = [];
    this.#size = null;
    this.#sizePhrase = null;
    this.#definite = null;
    this.#count = null;
  }

  #strange(phrase: Phrase): void {
    this.parts.push({ type: 'strange', phrase });
  }

  /** English names the other thing behind the place word, Chinese before it: 狗的左边. */
  #bindRelations(): void {
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i]!;
      if (part.type !== 'relation') continue;
      // "replace the dog by a cat"
      if (part.phrase.text.toLowerCase() === 'by' && this.parts.some(isReplacing)) {
        this.parts[i] = { type: 'act', act: 'into', phrase: part.phrase };
        continue;
      }
      const zh = part.phrase.language === 'zh';
      const other = this.parts[zh ? i - 1 : i + 1];
      if (other?.type === 'thing') {
        this.parts[i] = { ...part, to: other.thing };
        this.parts.splice(zh ? i - 1 : i + 1, 1);
        if (zh) i--;
        continue;
      }
      const side = SIDE_OF_RELATION[part.relation];
      if (zh && side) this.parts[i] = { type: 'side', side, phrase: part.phrase };
    }
  }
}

const isReplacing = (part: Part): boolean => part.type === 'act' && part.act === 'replace';

/** "grapes" is the name of one thing. */
export const isSeveral = (phrase: Phrase, { name }: VocabularyConcept): boolean =>
  phrase.plural && phrase.text.toLowerCase() !== name.toLowerCase();
