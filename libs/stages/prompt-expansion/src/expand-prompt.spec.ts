import { readFileSync } from 'node:fs';
import type { PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import { candidateSeed } from '@atelier/domain';
import { describe, expect, it } from 'vitest';
import { PromptNotDrawableError } from './errors.js';
import { expandPrompt } from './expand-prompt.js';
import { expectRelationsHold } from './fixtures/expectations.js';
import { requestOf } from './fixtures/request.js';
import { Vocabulary } from './vocabulary.js';

// Real: the whole stage, with the vocabulary of the pilot weights frozen beside the prompts.
const vocabulary = Vocabulary.parse(
  JSON.parse(readFileSync(new URL('./fixtures/vocabulary.json', import.meta.url), 'utf8')),
);

const request = (prompt: string, more: Partial<PromptExpansionInput> = {}): PromptExpansionInput =>
  requestOf('text-to-image', prompt, more);

/** The result, or null when nothing in the prompt can be drawn; anything else thrown fails the test. */
function expandOrNull(prompt: string, more: Partial<PromptExpansionInput> = {}): PromptExpansionResult | null {
  try {
    return expandPrompt(request(prompt, more), vocabulary);
  } catch (error) {
    if (error instanceof PromptNotDrawableError) return null;
    throw error;
  }
}

describe('samples and outputs', () => {
  it('differ in layout or background within one request', () => {
    const result = expandPrompt(request('a dog and a cat', { samples: 6, outputs: 2 }), vocabulary);
    const captions = result.plans.flat().map(({ caption }) => caption);
    expect(captions).toHaveLength(12);
    expect(new Set(captions).size).toBeGreaterThanOrEqual(10);
  });

  it('keep the plan of a lower n when more samples are asked for', () => {
    const few = expandPrompt(request('a dog and a cat', { samples: 2 }), vocabulary);
    const many = expandPrompt(request('a dog and a cat', { samples: 5 }), vocabulary);
    expect(many.plans.slice(0, 2)).toEqual(few.plans);
  });

  it('plan each candidate by its own seed, so that this seed alone plans it again', () => {
    const prompt = 'three red apples left of a dog, a cat behind the dog';
    const all = expandPrompt(request(prompt, { samples: 3, outputs: 2, bestOf: 4 }), vocabulary);
    expect(all.candidatePlans?.map(([first]) => first)).toEqual(all.plans);
    expect(new Set(all.candidatePlans?.flat().map((plans) => JSON.stringify(plans))).size).toBe(12);
    for (const [sample, candidates] of (all.candidatePlans ?? []).entries()) {
      for (const [candidate, plans] of candidates.entries()) {
        const seed = candidateSeed(7, sample, candidate);
        const again = expandPrompt(request(prompt, { outputs: 2, seed }), vocabulary);
        expect(again.plans).toEqual([plans]);
        expect(again.expansions).toEqual(all.expansions);
      }
    }
  });

  it('follow one prompt each when there is one per output', () => {
    const result = expandPrompt(request('', { prompts: ['a dog', '一只猫'], outputs: 2 }), vocabulary);
    expect(result.expansions.map(({ original }) => original)).toEqual(['a dog', '一只猫']);
    expect(result.plans[0]!.map(({ layout }) => layout[0]!.concept)).toEqual(['dog', 'cat']);
  });
});

describe('words outside the vocabulary', () => {
  it.each([
    ['a wolf', 'concept_substituted', /"wolf" .* drawn as dog/],
    ['a dog and a piano', 'concept_not_in_vocabulary', /"piano" .* drawn without it/],
    ['a dog and a zzyzx', 'concept_not_in_vocabulary', /"zzyzx"/],
    ['nine dogs', 'count_clamped', /3 instead of 9 dogs/],
    ['a black cactus', 'colour_dropped', /cannot be black/],
    ['an angry dog', 'words_ignored', /angry/],
    ['a dog inside a teapot', 'relation_dropped', /inside/],
    ['a dog in a teapot', 'relation_dropped', /in teapot/],
    ['a dog on the beach and in the desert', 'one_place_only', /desert/],
  ])('are never passed over in silence: %s', (prompt, code, message) => {
    const { warnings } = expandPrompt(request(prompt), vocabulary);
    expect(warnings).toContainEqual({ code, message: expect.stringMatching(message), param: 'prompt' });
  });

  it('are summed up when a prompt is nonsense', () => {
    const nonsense = Array.from(
      { length: 400 },
      (_, i) => `blorp${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyz'[i % 6]}`,
    );
    const { warnings } = expandPrompt(request(`a dog ${nonsense.join(' ')}`), vocabulary);
    expect(warnings.length).toBeLessThan(20);
    expect(warnings.at(-1)!.code).toBe('more_warnings');
  });

  it('leave nothing to draw when they are all there is', () => {
    for (const prompt of ['asdf qwer', 'no dogs', '不要猫', '   ', '!!!', '<x20><y20>']) {
      expect(() => expandPrompt(request(prompt), vocabulary)).toThrow(PromptNotDrawableError);
    }
    expect(new PromptNotDrawableError(0, [])).toMatchObject({ errorClass: 'invalid', code: 'prompt_not_drawable' });
  });

  it('leave an empty place when one was named', () => {
    const result = expandPrompt(request('an empty beach at night, no dogs'), vocabulary);
    expect(result.plans[0]![0]!.caption).toMatch(/^glossy\. beach at night <v\d>\.$/);
    expect(result.expansions[0]!.facts.absent).toEqual(['dog']);
  });
});

describe('token boundaries', () => {
  it.each([
    'caterpillar',
    'carpet',
    'cartoon',
    'dogma',
    'hotdog stand',
    'businessman',
    'scatter',
    'housework',
    '对象',
    '热狗摊',
    '花生',
  ])('%s holds no concept', (word) => {
    const result = expandOrNull(`a banana and ${word}`);
    expect(result!.expansions[0]!.facts.objects.map(({ concept }) => concept)).toEqual(['banana']);
  });

  it.each([
    'cart',
    'hose',
    'boss',
    'god',
    'cut',
    'tend',
    'dock',
    'bat',
    'coat',
    'rubber',
    'hat',
    'mouth',
    'pocket',
    'mass',
  ])('a real word is no typo of a concept: %s', (word) => {
    const facts = expandOrNull(`a banana, a ${word}`)!.expansions[0]!.facts;
    expect(facts.objects.map(({ concept }) => concept)).toEqual(['banana']);
  });

  it.each([
    ['elefant', 'elephant'],
    ['pengiun', 'penguin'],
    ['umbrela', 'umbrella'],
    ['snowmann', 'snowman-without-snow'],
    ['bicyle', 'bicycle'],
    ['buterfly', 'butterfly'],
    ['teh dgo', 'dog'],
    ['girafe', 'giraffe'],
    ['dinosuar', 'sauropod'],
    ['casstle', 'castle'],
  ])('a typo is read as what was meant: %s', (typo, concept) => {
    const { facts, explanation } = expandPrompt(request(typo), vocabulary).expansions[0]!;
    expect(facts.objects.map((object) => object.concept)).toEqual([concept]);
    expect(explanation.map(({ kind }) => kind)).toContain('spelling');
  });
});

describe('prompt injection', () => {
  it.each(['<x20>', '＜x20＞', '<x\u200b20>', '< x20 >', '<out1>', '<task:recolour>', '<pad>', '<<x20>>'])(
    '%s steers nothing, in any mode',
    (token) => {
      for (const mode of ['auto', 'off'] as const) {
        const result = expandPrompt(request(`a dog ${token}${token} on a beach`, { expandPrompt: mode }), vocabulary);
        const clean = expandPrompt(request('a dog on a beach', { expandPrompt: mode }), vocabulary);
        if (mode === 'auto') expect(result.plans).toEqual(clean.plans);
        else expect(result.plans[0]![0]!.caption).not.toMatch(/[<>]/);
      }
    },
  );
});

describe('expandPrompt off', () => {
  it('sends the sentence as typed and still tells what to score', () => {
    const result = expandPrompt(request('a red apple left of a dog, no cats', { expandPrompt: 'off' }), vocabulary);
    expect(result.plans).toEqual([[{ caption: 'a red apple left of a dog, no cats', layout: [] }]]);
    expect(result.expansions[0]!.facts).toEqual({
      objects: [
        { id: 'o1', concept: 'red-apple', count: 1, colour: 'red' },
        { id: 'o2', concept: 'dog', count: 1 },
      ],
      relations: [{ subject: 'o1', relation: 'left-of', object: 'o2' }],
      absent: ['cat'],
    });
  });
});

describe('boxes that the user draws', () => {
  it('are kept, snapped to the grid and explained', () => {
    const layout = [{ phrase: 'the dog', box: { x: 0.05, y: 0.41, width: 0.38, height: 0.5 } }];
    const result = expandPrompt(request('a dog and a red car on the beach', { layout, samples: 3 }), vocabulary);
    for (const [plan] of result.plans) {
      expect(plan!.layout.find(({ concept }) => concept === 'dog')!.box).toEqual({
        x: 0,
        y: 0.4375,
        width: 0.5,
        height: 0.5,
      });
    }
    expect(result.expansions[0]!.explanation).toContainEqual(
      expect.objectContaining({ kind: 'layout', message: expect.stringContaining('dog') }),
    );
  });

  it('ask for what the prompt does not name', () => {
    const layout = [{ phrase: 'a yellow duck or a green balloon', box: { x: 0.6, y: 0, width: 0.3, height: 0.3 } }];
    const balloon = [{ phrase: 'green balloon', box: { x: 0.6, y: 0, width: 0.3, height: 0.3 } }];
    expect(expandPrompt(request('a dog', { layout }), vocabulary).expansions[0]!.facts.objects).toHaveLength(2);
    expect(
      expandPrompt(request('a dog', { layout: balloon }), vocabulary).expansions[0]!.facts.objects[1],
    ).toMatchObject({ concept: 'balloon', colour: 'green' });
  });

  it('win over a relation that they contradict, and that is said', () => {
    const layout = [
      { phrase: 'dog', box: { x: 0, y: 0.5, width: 0.4, height: 0.4 } },
      { phrase: 'cat', box: { x: 0.6, y: 0.5, width: 0.4, height: 0.4 } },
    ];
    const result = expandPrompt(request('a dog to the right of a cat', { layout }), vocabulary);
    expect(result.expansions[0]!.facts.relations).toEqual([]);
    expect(result.warnings.map(({ code }) => code)).toContain('relation_dropped');
  });
});

describe('what is not said', () => {
  it('is filled in by what suits the things, and told', () => {
    const { expansions, plans } = expandPrompt(request('a penguin'), vocabulary);
    expect(plans[0]![0]!.caption).toMatch(/^glossy\. snow at day /);
    expect(expansions[0]!.explanation.filter(({ kind }) => kind === 'default').map(({ to }) => to)).toEqual([
      'glossy',
      'snow',
      'day',
    ]);
    expect(expansions[0]!.facts).not.toHaveProperty('place');
  });

  it('keeps away from what is excluded', () => {
    expect(expandPrompt(request('a penguin, not in the snow, not by day'), vocabulary).plans[0]![0]!.caption).toMatch(
      /^glossy\. beach at sunset /,
    );
  });

  it('takes the style that can show the asked colour', () => {
    expect(expandPrompt(request('a blue bus'), vocabulary).plans[0]![0]!.caption).toMatch(/^flat\. .* blue bus /);
  });
});

describe('contradictions', () => {
  it('keep the first relation and tell of the second', () => {
    const result = expandPrompt(request('a dog left of a cat, and the dog right of the cat'), vocabulary);
    expect(result.expansions[0]!.facts.relations).toEqual([{ subject: 'o1', relation: 'left-of', object: 'o2' }]);
    expect(result.warnings.map(({ code }) => code)).toContain('relation_dropped');
  });

  it('of two relations for one pair keep one: a picture shows one thing about a pair', () => {
    const result = expandPrompt(request('a dog left of a tree. the dog is behind the tree.'), vocabulary);
    expect(result.expansions[0]!.facts.relations).toEqual([{ subject: 'o1', relation: 'left-of', object: 'o2' }]);
    expect(result.warnings.map(({ code }) => code)).toContain('relation_dropped');
  });

  it('in a circle give up the last relation', () => {
    const result = expandPrompt(
      request('a dog left of a cat. the cat is left of a rabbit. the rabbit is left of the dog.'),
      vocabulary,
    );
    expect(result.expansions[0]!.facts.relations).toHaveLength(2);
    expectRelationsHold(result, vocabulary);
  });
});
