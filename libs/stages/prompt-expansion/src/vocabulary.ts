import { z } from 'zod';

/** A word of the caption language (its id) and the other ways to say it. */
const Term = z.looseObject({
  id: z.string(),
  en: z.array(z.string()),
  zh: z.array(z.string()),
  /** Bare nouns; `en` and `zh` hold whole phrases ("on a beach"). */
  names: z.array(z.string()).optional(),
  namesZh: z.array(z.string()).optional(),
});
export type Term = z.infer<typeof Term>;

/** How a place, time or style is said in a sentence: `on a beach`. */
export const englishOf = (terms: readonly Term[], id: string): string =>
  terms.find((term) => term.id === id)?.en[0] ?? id;

/** Visible part of a sprite square as fractions: left, top, right, bottom. */
const ContentBox = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type ContentBox = z.infer<typeof ContentBox>;

const perStyle = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const VocabularyConcept = z.looseObject({
  id: z.string(),
  /** The word captions use. */
  name: z.string(),
  plural: z.string(),
  nameZh: z.string(),
  synonyms: z.array(z.string()),
  synonymsZh: z.array(z.string()),
  placement: z.enum(['ground', 'table', 'sky', 'water']),
  theme: z.string(),
  /** Places where training scenes show it. */
  places: z.array(z.string()),
  /** The colour it has by nature, where one dominates. */
  native: perStyle(z.string().nullable()),
  /** Colours it can honestly be given. */
  colours: perStyle(z.array(z.string())),
  box: perStyle(ContentBox),
});
export type VocabularyConcept = z.infer<typeof VocabularyConcept>;

/** First and last base line, in bins. */
const BaseLines = z.tuple([z.number(), z.number()]);

/**
 * `gpu-runtime/assets/vocabulary.json`: what the weights may be able to draw, every word for it, and the rules of
 * placement that training scenes obey. Lengths are in bins, 1/64 of the frame edge.
 */
export const Vocabulary = z.looseObject({
  schema: z.literal('world-vocabulary/1'),
  bins: z.number().int().positive(),
  /** Sides a sprite square may have. */
  sides: z.array(z.number().int().positive()).min(1),
  /** Square corners lie on multiples of this. */
  snap: z.number().int().positive(),
  maxObjects: z.number().int().positive(),
  /** Background variants v0..v(n-1). */
  variants: z.number().int().positive(),
  baseLines: z.object({
    /** Per place: where things stand convincingly. */
    ground: z.record(z.string(), BaseLines),
    /** On the beach, the one place with a sea: where things float. */
    water: BaseLines,
    skyBottom: z.number(),
  }),
  styles: z.array(Term).min(1),
  places: z.array(Term).min(1),
  times: z.array(Term).min(1),
  colours: z.array(Term),
  concepts: z.array(VocabularyConcept).min(1),
});
export type Vocabulary = z.infer<typeof Vocabulary>;

/** The part of a weights manifest that says what is drawable. */
export interface DrawableNames {
  readonly concepts: readonly string[];
  readonly styles: readonly string[];
  readonly places: readonly string[];
  readonly times: readonly string[];
  readonly colours: readonly string[];
}

/** Thrown at boot when weights and vocabulary file have nothing in common: they belong to different worlds. */
export class VocabularyMismatchError extends Error {
  override readonly name = 'VocabularyMismatchError';
  constructor(readonly part: string) {
    super(`none of the ${part} of the weights is in the vocabulary file`);
  }
}

/** The intersection of the vocabulary file with what the weights were trained on. */
export function drawableVocabulary(all: Vocabulary, names: DrawableNames): Vocabulary {
  const keep = <T extends { id: string }>(part: string, items: readonly T[], ids: readonly string[]): T[] => {
    const wanted = new Set(ids);
    const kept = items.filter((item) => wanted.has(item.id));
    if (kept.length === 0) throw new VocabularyMismatchError(part);
    return kept;
  };
  const colours = new Set(names.colours);
  return {
    ...all,
    concepts: keep('concepts', all.concepts, names.concepts).map((concept) => ({
      ...concept,
      colours: Object.fromEntries(
        Object.entries(concept.colours).map(([style, list]) => [style, list.filter((colour) => colours.has(colour))]),
      ),
    })),
    styles: keep('styles', all.styles, names.styles),
    places: keep('places', all.places, names.places),
    times: keep('times', all.times, names.times),
    colours: all.colours.filter((colour) => colours.has(colour.id)),
  };
}
