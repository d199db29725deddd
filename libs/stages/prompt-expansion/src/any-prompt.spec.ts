import { readFileSync } from 'node:fs';
import { PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptNotDrawableError } from './errors.js';
import { expandPrompt } from './expand-prompt.js';
import { cases, expectRelationsHold, layoutCaptionPattern } from './fixtures/expectations.js';
import { requestOf } from './fixtures/request.js';
import { drawableVocabulary, Vocabulary } from './vocabulary.js';

// Real: the whole stage, with the vocabulary of the pilot weights frozen beside the prompts, and with a poorer one.
const pilot = Vocabulary.parse(
  JSON.parse(readFileSync(new URL('./fixtures/vocabulary.json', import.meta.url), 'utf8')),
);

const poor: Vocabulary = {
  ...drawableVocabulary(pilot, {
    concepts: ['red-apple', 'automobile', 'house', 'balloon', 'cactus'],
    styles: ['flat'],
    places: ['meadow', 'table'],
    times: ['day', 'night'],
    colours: ['red', 'blue'],
  }),
  sides: [24, 32],
  snap: 8,
  variants: 1,
  maxObjects: 2,
};

const request = (prompt: string, more: Partial<PromptExpansionInput> = {}): PromptExpansionInput =>
  requestOf('text-to-image', prompt, more);

/** Sentences from the words the stage knows, in any order: closer to its limits than random characters. */
const words = [
  ...pilot.concepts.slice(0, 12).flatMap(({ name, nameZh, plural }) => [name, nameZh, plural]),
  ...'red,green,blue,深蓝色,orange,two,seven,三只,no,without,不要,没有,and,or,和,,,、,.,left of,right of,above,below,behind,in front of,next to,between,on the left,在,的左边,的后面,有,it,它,a,the,is,是,not,but,with,beach,desert,at night,傍晚,3d,flat,big,小,like a,named,"Rex",wolf,violin,asdf,<x20>,🐶,🏖️,one,other,both,no wait,one red and one blue'.split(
    ',',
  ),
];
const sentence = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 24 }).map((list) => list.join(' '));
const anyText = fc.oneof(
  sentence,
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe.each([
  ['the pilot vocabulary', pilot],
  ['five concepts on a coarse grid', poor],
])('any prompt with %s', (_, vocabulary) => {
  /** The result, or null when nothing in the prompt can be drawn; anything else thrown fails the test. */
  function expandOrNull(prompt: string, more: Partial<PromptExpansionInput> = {}): PromptExpansionResult | null {
    try {
      return expandPrompt(request(prompt, more), vocabulary);
    } catch (error) {
      if (error instanceof PromptNotDrawableError) return null;
      throw error;
    }
  }

  it('gives a result of the contract or the error that nothing is drawable, whatever the text', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.option(anyText, { nil: undefined }),
        fc.constantFrom('off', 'auto', 64),
        (prompt, negative, mode) => {
          const more = {
            expandPrompt: mode as 'off' | 'auto' | number,
            ...(negative === undefined ? {} : { negativePrompt: negative }),
          };
          const result = expandOrNull(prompt, more);
          if (result) expect(PromptExpansionResult.safeParse(result).success).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is expanded the same way every time', () => {
    fc.assert(
      fc.property(anyText, seeds, (prompt, seed) => {
        expect(expandOrNull(prompt, { seed, samples: 2 })).toEqual(expandOrNull(prompt, { seed, samples: 2 }));
      }),
      { numRuns: 100 },
    );
  });

  it('becomes a caption of the grammar the network was trained on, with squares on the grid and inside the frame', () => {
    fc.assert(
      fc.property(sentence, seeds, (prompt, seed) => {
        const result = expandOrNull(prompt, { seed });
        if (!result) return;
        const { caption, layout } = result.plans[0]![0]!;
        expect(caption).toMatch(layoutCaptionPattern(vocabulary));
        expect(layout.length).toBeLessThanOrEqual(vocabulary.maxObjects);
        for (const { box } of layout) {
          const [left, top, side] = [box.x, box.y, box.width].map((value) => value * vocabulary.bins) as [
            number,
            number,
            number,
          ];
          expect(vocabulary.sides).toContain(side);
          expect(left % vocabulary.snap).toBe(0);
          expect(top % vocabulary.snap).toBe(0);
          expect(Math.max(left, top) + side).toBeLessThanOrEqual(vocabulary.bins);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is planned so that every relation it asks for holds by the rule of the captions', () => {
    fc.assert(
      fc.property(fc.oneof(sentence, fc.constantFrom(...cases.map(({ prompt }) => prompt))), seeds, (prompt, seed) => {
        const result = expandOrNull(prompt, { seed });
        if (result) expectRelationsHold(result, vocabulary);
      }),
      { numRuns: 300 },
    );
  });

  it('never draws what it forbids', () => {
    fc.assert(
      fc.property(sentence, fc.option(sentence, { nil: undefined }), (prompt, negative) => {
        const result = expandOrNull(prompt, negative === undefined ? {} : { negativePrompt: negative });
        if (!result) return;
        const { facts } = result.expansions[0]!;
        const drawn = result.plans.flat().flatMap((plan) => plan.layout.map(({ concept }) => concept));
        for (const concept of facts.absent) expect(drawn).not.toContain(concept);
      }),
      { numRuns: 300 },
    );
  });

  it('draws as many of each thing as its facts say', () => {
    fc.assert(
      fc.property(sentence, (prompt) => {
        const result = expandOrNull(prompt);
        if (!result) return;
        for (const { id, count } of result.expansions[0]!.facts.objects) {
          expect(result.plans[0]![0]!.layout.filter(({ factId }) => factId === id)).toHaveLength(count);
        }
      }),
      { numRuns: 200 },
    );
  });
});
