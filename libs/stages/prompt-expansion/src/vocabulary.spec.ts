import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expandPrompt } from './expand-prompt.js';
import { requestOf } from './fixtures/request.js';
import { drawableVocabulary, Vocabulary, VocabularyMismatchError } from './vocabulary.js';

// Real: the vocabulary file that ships beside the weights.
const SHIPPED = new URL('../../../../gpu-runtime/assets/vocabulary.json', import.meta.url);
const vocabulary = Vocabulary.parse(JSON.parse(readFileSync(SHIPPED, 'utf8')));

const objectsOf = (prompt: string) =>
  expandPrompt(requestOf('text-to-image', prompt, { seed: 1 }), vocabulary).expansions[0]!.facts.objects.map(
    ({ concept, count }) => [count, concept],
  );

describe('the shipped vocabulary', () => {
  it.each(vocabulary.concepts)('$id is understood by its names in both languages', ({ id, name, plural, nameZh }) => {
    expect(objectsOf(`please draw a ${name}`)).toEqual([[1, id]]);
    expect(objectsOf(`two ${plural}`)).toEqual([[2, id]]);
    expect(objectsOf(`两个${nameZh}`)).toEqual([[2, id]]);
    expect(objectsOf(`我想要${nameZh}的图片`)).toEqual([[1, id]]);
  });

  it.each(
    vocabulary.concepts.flatMap(({ id, synonyms, synonymsZh }) =>
      [...synonyms, ...synonymsZh].map((word) => ({ id, word })),
    ),
  )('$word is a word for $id', ({ id, word }) => {
    expect(objectsOf(word)).toEqual([[1, id]]);
  });

  it.each(
    (['places', 'times', 'styles'] as const).flatMap((part) => vocabulary[part].map((term) => ({ part, ...term }))),
  )('every phrase for the $part entry $id is understood', ({ part, id, en, zh, names, namesZh }) => {
    const kind = part.slice(0, -1) as 'place' | 'time' | 'style';
    for (const phrase of [...en, ...zh, ...(names ?? []), ...(namesZh ?? [])]) {
      const prompt = /\p{Script=Han}/u.test(phrase)
        ? `${phrase}，一个${vocabulary.concepts[0]!.nameZh}`
        : `a ${vocabulary.concepts[0]!.name}, ${phrase}`;
      const { facts } = expandPrompt(requestOf('text-to-image', prompt, { seed: 1 }), vocabulary).expansions[0]!;
      expect({ phrase, [kind]: facts[kind] }).toEqual({ phrase, [kind]: id });
    }
  });
});

describe('what weights can draw of it', () => {
  const names = {
    concepts: ['dog', 'cat', 'nothing-known'],
    styles: ['flat'],
    places: ['beach'],
    times: ['day'],
    colours: ['red'],
  };

  it('is the intersection with their manifest', () => {
    const drawable = drawableVocabulary(vocabulary, names);
    expect(drawable.concepts.map(({ id }) => id)).toEqual(
      vocabulary.concepts.map(({ id }) => id).filter((id) => id === 'dog' || id === 'cat'),
    );
    expect(
      drawable.concepts.flatMap(({ colours }) => Object.values(colours).flat()).every((colour) => colour === 'red'),
    ).toBe(true);
    expect(drawable.styles.map(({ id }) => id)).toEqual(['flat']);
  });

  it('is refused when nothing is left: weights and vocabulary belong to different worlds', () => {
    expect(() => drawableVocabulary(vocabulary, { ...names, concepts: ['unheard-of'] })).toThrow(
      VocabularyMismatchError,
    );
  });
});
