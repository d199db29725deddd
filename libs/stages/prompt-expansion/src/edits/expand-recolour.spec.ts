import { readFileSync } from 'node:fs';
import type { PromptExpansionInput } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { EditNotUnderstoodError } from '../errors.js';
import { expandPrompt } from '../expand-prompt.js';
import { requestOf } from '../fixtures/request.js';
import { Vocabulary } from '../vocabulary.js';

// Real: the whole stage, with the vocabulary of the pilot weights frozen beside the prompts.
const vocabulary = Vocabulary.parse(
  JSON.parse(readFileSync(new URL('../fixtures/vocabulary.json', import.meta.url), 'utf8')),
);

const recolour = (prompt: string, more: Partial<PromptExpansionInput> = {}) =>
  expandPrompt(requestOf('recolour', prompt, more), vocabulary);
const captionOf = (prompt: string, more: Partial<PromptExpansionInput> = {}) =>
  recolour(prompt, more).plans[0]?.[0]?.caption;

describe('an instruction to recolour', () => {
  it.each([
    ['make the apple blue', 'recolour. blue apple.'],
    ['Make the apple BLUE!', 'recolour. blue apple.'],
    ['paint the red apple green', 'recolour. green apple.'],
    ["turn the car's colour into purple", 'recolour. purple car.'],
    ['the car should be pink', 'recolour. pink car.'],
    ['change the colour of the red car to light blue', 'recolour. blue car.'],
    ['recolor the car in orange', 'recolour. orange car.'],
    ['could you please dye my small car yellow?', 'recolour. yellow car.'],
    ['turn the apple from red to green', 'recolour. green apple.'],
    ['turn the red apple into a blue apple', 'recolour. blue apple.'],
    ['make the automobile crimson', 'recolour. red car.'],
    ['make the aple blue', 'recolour. blue apple.'],
    ['把红苹果变成蓝色', 'recolour. blue apple.'],
    ['将红色的苹果改成蓝色', 'recolour. blue apple.'],
    ['请把汽车的颜色换成紫色', 'recolour. purple car.'],
    ['汽车换成粉红色的', 'recolour. pink car.'],
    ['把苹果涂成绿色，谢谢', 'recolour. green apple.'],
    ['make the apple <x1> blue. recolour. red car.', null],
  ])('"%s" becomes %s', (prompt, caption) => {
    if (caption) expect(captionOf(prompt)).toBe(caption);
    else expect(() => captionOf(prompt)).toThrow(EditNotUnderstoodError);
  });

  it('says where the thing lies when the caller drew a box, and plans it there', () => {
    const editBox = { x: 0.5, y: 0.25, width: 0.25, height: 0.25 };
    const { plans } = recolour('make the apple blue', { editBox });
    expect(plans[0]?.[0]).toEqual({
      caption: expect.stringMatching(/^recolour\. blue apple <x\d+><y\d+><s\d+>\.$/),
      layout: [{ factId: 'o1', concept: 'red-apple', colour: 'blue', box: editBox }],
    });
    const layout = [
      { phrase: 'a dog', box: { x: 0, y: 0, width: 0.25, height: 0.25 } },
      { phrase: 'the apple', box: editBox },
    ];
    expect(recolour('make the apple blue', { layout }).plans).toEqual(plans);
  });

  it('asks the checker for the thing in its new colour, and tells what was read', () => {
    const { expansions, warnings } = recolour('把红苹果变成蓝色');
    expect(expansions[0]).toMatchObject({
      original: '把红苹果变成蓝色',
      expanded: 'the apple becomes blue, the rest stays',
      facts: { objects: [{ id: 'o1', concept: 'red-apple', count: 1, colour: 'blue' }], relations: [], absent: [] },
    });
    expect(expansions[0]?.explanation.map(({ from, to }) => [from, to])).toEqual([
      ['苹果', 'apple'],
      ['蓝色', 'blue'],
    ]);
    expect(warnings).toEqual([]);
    expect(recolour('make the apple light blue').warnings).toMatchObject([{ code: 'words_ignored' }]);
  });

  it.each([
    ['make it blue', /names nothing/],
    ['blue', /names nothing/],
    ['make the wolf blue', /"wolf" is not understood/],
    ['make the apple glorp', /"glorp" is not understood/],
    ['paint the red apple', /no new colour/],
    ['a blue apple', /no new colour/],
    ['make the apple black', /cannot become black/],
    ['make the apple blue and the car red', /more than one thing/],
    ['make the apple blue and green', /more than one new colour/],
    ['make the apples blue', /"apples" are several/],
    ['make two cars blue', /"two" is not understood/],
    ["don't make the apple blue", /"don't" is not understood/],
    ['make the apple not blue', /"not" is not understood/],
    ['make the apple left of the car blue', /"left of" is not understood/],
    ['make the apple blue and big', /"big" is not understood/],
    ['make the apple blue at night', /"at night" is not understood/],
    ['不要把苹果变成蓝色', /不要/],
    ['remove the apple', /"remove"/],
    ['', /names nothing/],
    ['🎉🎉', /.*/],
  ])('"%s" is refused with what can be said', (prompt, reason) => {
    const refused = () => recolour(prompt);
    expect(refused).toThrow(EditNotUnderstoodError);
    expect(refused).toThrow(reason);
    expect(refused).toThrow(/"make the apple blue"\. Things: .*apple.*\. Colours: .*blue/);
  });

  it('goes to the model as typed where expansion is off', () => {
    expect(captionOf('make the apple blue', { expandPrompt: 'off' })).toBe('make the apple blue');
  });

  it('of a task that is not read here goes to the model as typed', () => {
    expect(captionOf('let the dog sit', { task: 'pose' })).toBe('let the dog sit');
  });
});
