import { PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import { storyboardFrames } from '@atelier/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditNotUnderstoodError, PromptNotDrawableError } from '../errors.js';
import { expandPrompt } from '../expand-prompt.js';
import { vocabulary } from '../fixtures/instructions.js';
import { referencesOf, requestOf } from '../fixtures/request.js';

// Real: the whole stage, with the vocabulary of the pilot weights.
const expand = (task: string, prompts: string | string[], roles = '', more: Partial<PromptExpansionInput> = {}) =>
  expandPrompt(
    requestOf(task, prompts, { references: referencesOf(roles === '' ? [] : roles.split(' ')), ...more }),
    vocabulary,
  );
const captionOf = (...args: Parameters<typeof expand>): string => expand(...args).plans[0]![0]!.caption;
/** The caption with every square as `sq`, every variant as `v`. */
const shapeOf = (...args: Parameters<typeof expand>): string => shape(captionOf(...args));
const shape = (caption: string): string => caption.replaceAll(/(?:<[xys]\d+>){3}/gu, 'sq').replaceAll(/<v\d>/gu, 'v');

/** What a tokenizer of this vocabulary counts at least: every word, control token and full stop. */
const wordsAndMarks = (text: string): number => text.match(/<\w+>|\w+|[^\s\w]/gu)?.length ?? 0;

describe('a subject that a picture shows', () => {
  it.each([
    ['put it on a beach', 'identity. glossy. beach at day v. <ref1> sq.'],
    ['draw this dog at night', 'identity. glossy. meadow at night v. <ref1> sq.'],
    ['draw this brown dog on a beach at sunset', 'identity. glossy. beach at sunset v. <ref1> sq.'],
    ['a picture of this one in the snow with a red apple', 'identity. glossy. snow at day v. <ref1> sq. red apple sq.'],
    ['put it in the city next to a house', 'identity. glossy. city at day v. <ref1> sq. house sq.'],
    ['the thing in the picture on a meadow at dawn', 'identity. glossy. meadow at dawn v. <ref1> sq.'],
    ['the subject in the desert, flat style', 'identity. flat. desert at day v. <ref1> sq.'],
    ['put the dog on a beach with a cat', 'identity. glossy. beach at day v. <ref1> sq. cat sq.'],
    ['on the beach at night', 'identity. glossy. beach at night v. <ref1> sq.'],
    ['the thing from the first picture in the snow', 'identity. glossy. snow at day v. <ref1> sq.'],
    ['画这只狗，在夜晚的海滩上', 'identity. glossy. beach at night v. <ref1> sq.'],
    ['把它放到海滩上', 'identity. glossy. beach at day v. <ref1> sq.'],
    ['雪地里，画图中的东西，旁边有一只猫', 'identity. glossy. snow at day v. <ref1> sq. cat sq.'],
    ['傍晚的城市里，画图中的红苹果', 'identity. glossy. city at sunset v. <ref1> sq.'],
  ])('"%s" becomes %s', (prompt, caption) => {
    expect(shapeOf('identity', prompt, 'subject')).toBe(caption);
  });

  it.each([
    [
      'the thing from the first picture and the thing from the second picture together in the city',
      'compose. glossy. city at day v. <ref1> sq. <ref2> sq.',
      'subject subject',
    ],
    ['put them together on a meadow', 'compose. glossy. meadow at day v. <ref1> sq. <ref2> sq.', 'subject subject'],
    [
      'the dog from the first picture and the car from the second in the snow',
      'compose. glossy. snow at day v. <ref1> sq. <ref2> sq.',
      'subject subject',
    ],
    [
      'all three on a beach at night',
      'compose. glossy. beach at night v. <ref1> sq. <ref2> sq. <ref3> sq.',
      'subject subject subject',
    ],
    ['them in the place of the third picture', 'compose. <ref3>. <ref1> sq. <ref2> sq.', 'subject subject background'],
    [
      '第一张图里的东西和第二张图里的东西在一起，沙漠里',
      'compose. glossy. desert at day v. <ref1> sq. <ref2> sq.',
      'subject subject',
    ],
    [
      '第三张图的地方，第一张图里的东西和第二张图里的东西在一起',
      'compose. <ref3>. <ref1> sq. <ref2> sq.',
      'subject subject background',
    ],
  ])('"%s" becomes %s', (prompt, caption, roles) => {
    expect(shapeOf('compose', prompt, roles)).toBe(caption);
  });

  it.each([
    'the thing from the first picture to the left of the thing from the second picture on a beach',
    'the first thing left of the second thing',
    '第一张图里的东西在第二张图里的东西的左边',
    'the dog from the first picture to the left of the cat from the second picture',
  ])('keeps the asked order: %s', (prompt) => {
    for (let seed = 0; seed < 10; seed++) {
      const [a, b] = [...captionOf('compose', prompt, 'subject subject', { seed }).matchAll(/<ref\d> <x(\d+)>/gu)];
      expect(Number(a?.[1])).toBeLessThan(Number(b?.[1]));
    }
  });

  it('asks the checker only for what the sentence names', () => {
    expect(expand('identity', 'put it on a beach with a cat', 'subject').expansions[0]?.facts).toMatchObject({
      objects: [{ concept: 'cat' }],
      place: 'beach',
    });
    expect(expand('identity', 'this dog with a cat', 'subject').expansions[0]?.facts.objects).toMatchObject([
      { concept: 'dog' },
      { concept: 'cat' },
    ]);
  });

  it('refuses where it is not said what the picture shows, or what no picture shows', () => {
    expect(() => expand('identity', 'a dog on the beach', 'subject')).toThrow(/say "it" or "this dog"/);
    expect(() => expand('compose', 'picture 1 and a cat', 'subject subject')).toThrow(/"cat" is in no picture/);
  });
});

describe('a picture that follows a map or fills a hole', () => {
  it.each([
    ['edges', 'a red apple on a beach', 'edges. glossy. beach at day v. red apple.'],
    ['edges', 'follow these outlines: a dog at night', 'edges. glossy. meadow at night v. dog.'],
    ['edges', '按照这些轮廓：一只狗在海滩上', 'edges. glossy. beach at day v. dog.'],
    ['depth', 'with this depth: a flat house in the desert', 'depth. flat. desert at day v. house.'],
    ['sketch', 'turn this sketch into a picture: a cat in the snow', 'sketch. glossy. snow at day v. cat.'],
    ['sketch', '给这张草图上色：雪地里的一只猫', 'sketch. glossy. snow at day v. cat.'],
    ['mask', 'fill the hole: a red apple on a table', 'mask. glossy. table at day v. red apple.'],
    ['mask', '补全缺失的部分：桌子上的红苹果', 'mask. glossy. table at day v. red apple.'],
  ])('%s: "%s" becomes %s', (task, prompt, caption) => {
    expect(shapeOf(task, prompt)).toBe(caption);
  });

  it('names squares where the caller drew them', () => {
    const editBox = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
    expect(captionOf('mask', 'a red apple', '', { editBox })).toMatch(/red apple <x40><y40><s16>\.$/);
    const layout = [{ phrase: 'the dog', box: editBox }];
    expect(captionOf('edges', 'a dog', '', { layout })).toMatch(/dog <x40><y40><s16>\.$/);
    expect(shapeOf('edges', 'a dog and a cat', '', { layout })).not.toContain('sq');
  });
});

describe('a story', () => {
  const captions = (...args: Parameters<typeof expand>): string[] =>
    expand(...args).plans[0]!.map(({ caption }) => caption);

  it.each([
    [
      'a dog on a meadow; the dog meets a cat; night falls',
      ['meadow at day', 'meadow at day', 'meadow at night'],
      [1, 2, 2],
    ],
    [
      'a red car in the city; the car moves to the right; now the car is on a beach',
      ['city at day', 'city at day', 'beach at day'],
      [1, 1, 1],
    ],
    [
      'a dog on a beach; it meets a cat; the dog stays alone',
      ['beach at day', 'beach at day', 'beach at day'],
      [1, 2, 1],
    ],
    ['草地上有一只狗；狗遇到一只猫；夜幕降临', ['meadow at day', 'meadow at day', 'meadow at night'], [1, 2, 2]],
  ])('%s: place, time and things are carried on', (text, places, things) => {
    const frames = captions('storyboard', text, '', { outputs: 3 });
    expect(frames.map((caption) => places.find((place) => caption.includes(place)))).toEqual(places);
    expect(frames.map((caption) => caption.split('<s').length - 1)).toEqual(things);
  });

  it('keeps hero and guest in their squares, and the colour of the hero', () => {
    for (let seed = 0; seed < 8; seed++) {
      const frames = captions('storyboard', 'a red apple on a meadow; the apple meets a cat; night falls', '', {
        outputs: 3,
        seed,
      });
      const squareOf = (name: string, caption: string) =>
        new RegExp(`${name} (<x\\d+><y\\d+><s\\d+>)`, 'u').exec(caption)?.[1];
      expect(squareOf('red apple', frames[2]!)).toBe(squareOf('red apple', frames[1]!));
      expect(squareOf('cat', frames[2]!)).toBe(squareOf('cat', frames[1]!));
    }
  });

  it('has the facts of every frame where each is a prompt of its own', () => {
    const { expansions } = expand('storyboard', ['a dog on a meadow', 'the dog meets a red car'], '', { outputs: 2 });
    expect(expansions.map(({ facts }) => facts.objects.map(({ concept }) => concept))).toEqual([
      ['dog'],
      ['dog', 'automobile'],
    ]);
    const one = expand('storyboard', 'a dog on a meadow; the dog meets a red car', '', { outputs: 2 }).expansions;
    expect(one.map(({ facts }) => facts.objects.map(({ concept }) => concept))).toEqual([['dog']]);
  });

  it('is told with fewer things where its captions would not fit the text that the model takes, and says so', () => {
    const crowded = Array.from({ length: 4 }, () => 'a red apple, a blue car, a yellow house and a cat on a meadow');
    const budget = { maxTextTokens: 96, countTokens: wordsAndMarks };
    const input = requestOf('storyboard', crowded, { outputs: 4 });
    const textOf = ({ plans }: PromptExpansionResult) =>
      plans[0]!.reduce((text, { caption }, output) => `${text} <out${output + 1}> ${caption}`, 'storyboard.');
    const [uncut, cut] = [expandPrompt(input, vocabulary), expandPrompt(input, vocabulary, budget)];
    expect(wordsAndMarks(textOf(uncut))).toBeGreaterThan(96);
    expect(wordsAndMarks(textOf(cut))).toBeLessThanOrEqual(96);
    // No more is left out than has to be: one thing more in each picture would not fit.
    expect(wordsAndMarks(textOf(cut))).toBeGreaterThan(96 - 4 * 6);
    expect(cut.warnings.map(({ code }) => code)).toContain('too_many_objects');
    const short = requestOf('storyboard', ['a dog', 'the dog meets a cat'], { outputs: 2 });
    expect(expandPrompt(short, vocabulary, budget)).toEqual(expandPrompt(short, vocabulary));
  });

  it('is refused with another number of frames than pictures', () => {
    expect(() => expand('storyboard', 'a dog; a cat', '', { outputs: 3 })).toThrow(/2 frames for 3 pictures/);
  });
});

it('any text is planned or refused', { timeout: 60_000 }, () => {
  const words =
    'it,this,dog,the,a,cat,和,第一张图里的东西,它,on a beach,at night,;,1.,2.,left of,the thing from the second picture,without,no,alone,in the place of the third picture,<ref1>,红色的,狗'.split(
      ',',
    );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60, minLength: 1 }),
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }).map((list) => list.join(' ')),
  );
  const tasks = fc.constantFrom('identity', 'compose', 'edges', 'depth', 'sketch', 'mask', 'storyboard');
  fc.assert(
    fc.property(text, tasks, fc.constantFrom('', 'subject', 'subject subject background'), (prompt, task, roles) => {
      try {
        const outputs = task === 'storyboard' ? Math.min(3, storyboardFrames(prompt).length) : 1;
        expect(PromptExpansionResult.safeParse(expand(task, prompt, roles, { outputs })).success).toBe(true);
      } catch (error) {
        if (!(error instanceof EditNotUnderstoodError || error instanceof PromptNotDrawableError)) throw error;
      }
    }),
    { numRuns: 100 },
  );
});
