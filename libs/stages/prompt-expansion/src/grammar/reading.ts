import type { Relation } from '@atelier/contracts';
import type { Side, SpatialRelation, StandIn } from '../lexicon/meaning.js';
import type { Phrase } from './recognise.js';

/** One thing the prompt speaks of, asked for or forbidden. */
export interface Mention {
  /** A drawable concept, stand-ins for one, or neither: a thing that cannot be drawn. */
  readonly concept?: string;
  readonly standIns?: readonly StandIn[];
  readonly phrase: Phrase;
  colours: string[];
  excludedColours: string[];
  /** Words the colours were given in, in the same order. */
  colourPhrases: Phrase[];
  count: number | null;
  plural: boolean;
  size: 'small' | 'large' | null;
  side: Side | null;
  readonly negated: boolean;
  /** "no other dogs". */
  readonly other: boolean;
  /** Definite ("the dog") or indefinite; `null` for a bare noun. */
  readonly definite: boolean | null;
}

/** A named place, time or style. */
export interface SceneMention {
  readonly kind: 'place' | 'time' | 'style';
  readonly id: string;
  readonly phrase: Phrase;
  /** It was named by a thing that belongs to it: the moon for the night. */
  readonly standIn: boolean;
}

export interface AskedRelation {
  readonly subject: Mention;
  readonly relation: Relation | 'beside';
  readonly object: Mention;
}

/** What a sentence says, before the vocabulary's limits are applied. */
export interface PromptReading {
  readonly mentions: Mention[];
  readonly relations: AskedRelation[];
  readonly scene: SceneMention[];
  readonly excludedScene: SceneMention[];
  /** Words that change nothing in a picture of this model. */
  readonly ignored: Phrase[];
  /** Texts and names, not drawn. */
  readonly texts: string[];
  /** Things the prompt took back itself. */
  readonly takenBack: Phrase[];
  /** Things only compared with. */
  readonly compared: Phrase[];
  /** Relations that cannot be shown: inside, or to something that is not drawn. */
  readonly lostRelations: { readonly phrase: Phrase; readonly object: string }[];
}

/** The prompt as a line of things and the words that join them; the input of the relation grammar. */
export type Item =
  | { readonly type: 'mention'; readonly mention: Mention }
  | { readonly type: 'scene'; readonly text: string }
  | {
      readonly type: 'relation';
      readonly relation: SpatialRelation;
      readonly it: boolean;
      readonly negated: boolean;
      readonly phrase: Phrase;
    }
  | { readonly type: 'side'; readonly side: Side; readonly phrase: Phrase }
  | { readonly type: 'link'; readonly link: LinkKind; readonly text: string };

export type LinkKind =
  | 'and'
  | 'or'
  | 'but'
  | 'with'
  | 'copula'
  | 'which'
  | 'pronoun'
  | 'locative'
  | 'of'
  | 'comma'
  | 'stop'
  | 'break';
