import type { Relation } from '@atelier/contracts';

/** A part of the frame that a thing was put into without naming another thing. */
export type Side = 'left' | 'right' | 'top' | 'bottom' | 'centre' | 'front' | 'back';

/** What stands in for a word outside the vocabulary: a concept (perhaps in a colour), or a place or time that shows it. */
export type StandIn =
  | { readonly as: 'concept'; readonly id: string; readonly colour?: string }
  | { readonly as: 'place' | 'time' | 'style'; readonly id: string };

/** What a word of an edit instruction asks for; read by `edits/` only, in whose lexicon such words come first. */
export type EditAct =
  | 'add'
  | 'remove'
  /** "take", which removes with `away` behind it. */
  | 'take'
  | 'away'
  | 'without'
  | 'replace'
  | 'instead'
  /** 用...替换: the new thing stands first. */
  | 'use'
  | 'move'
  | 'put'
  | 'recolour'
  | 'change'
  | 'should'
  | 'exist'
  | 'into'
  | 'from'
  | 'whole'
  | 'ground'
  | 'style'
  | 'all'
  | 'keep';

/** How a word came to its meaning; decides what the user is told. */
export type Source = 'name' | 'translation' | 'synonym';

export type SpatialRelation = Relation | 'beside' | 'between' | 'inside';

/** The side of the frame that a place word means where it names no other thing: 左边. */
export const SIDE_OF_RELATION: Readonly<Partial<Record<SpatialRelation, Side>>> = {
  'left-of': 'left',
  'right-of': 'right',
  above: 'top',
  below: 'bottom',
  'in-front-of': 'front',
  behind: 'back',
  between: 'centre',
};

export type Meaning =
  | { readonly kind: 'concept'; readonly id: string; readonly source: Source }
  | { readonly kind: 'stand-in'; readonly targets: readonly StandIn[] }
  /** A thing people draw that nothing in the vocabulary comes near to. */
  | { readonly kind: 'thing' }
  /** Sky, ground, air: part of every place already. */
  | { readonly kind: 'scenery' }
  | { readonly kind: 'colour'; readonly id: string; readonly source: Source }
  | { readonly kind: 'place' | 'time' | 'style'; readonly id: string; readonly source: Source }
  | { readonly kind: 'count'; readonly count: number; readonly after?: true }
  | { readonly kind: 'size'; readonly size: 'small' | 'large' }
  /** `it` is set when the phrase carries its own pronoun: "to its left". */
  | { readonly kind: 'relation'; readonly relation: SpatialRelation; readonly it?: true }
  | { readonly kind: 'side'; readonly side: Side }
  /** `list`: reaches over a following "and ..."; `after`: stands behind what it negates. */
  | { readonly kind: 'negation'; readonly reach: 'phrase' | 'list' | 'after' }
  /** "not only", "don't forget": looks like a negation and is none. */
  | { readonly kind: 'affirmation' }
  /** "no wait": takes back what was named last. */
  | { readonly kind: 'correction' }
  | { readonly kind: 'simile' }
  /** "named", "called", "that says": what follows is a text, not a thing. */
  | { readonly kind: 'naming'; readonly reach: 'word' | 'clause' }
  | {
      readonly kind:
        | 'comma'
        | 'stop'
        | 'quote'
        | 'and'
        | 'or'
        | 'but'
        | 'with'
        | 'in'
        | 'copula'
        | 'which'
        | 'pronoun'
        | 'other'
        | 'locative'
        | 'of'
        | 'break'
        | 'filler';
    }
  | { readonly kind: 'determiner'; readonly definite: boolean }
  | { readonly kind: 'edit'; readonly act: EditAct }
  /** A reference picture by its number, from 1: "the second picture". */
  | { readonly kind: 'picture'; readonly number: number }
  /** Adjectives, verbs and moods that a picture of this model cannot show. */
  | { readonly kind: 'descriptive' };

export type MeaningKind = Meaning['kind'];
export type MeaningOf<K extends MeaningKind> = Extract<Meaning, { kind: K }>;
