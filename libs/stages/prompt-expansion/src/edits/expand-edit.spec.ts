import { PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditNotUnderstoodError } from '../errors.js';
import { expandPrompt } from '../expand-prompt.js';
import { sentences, vocabulary } from '../fixtures/instructions.js';
import { referencesOf, requestOf } from '../fixtures/request.js';
import { extentOf, relationBetween } from '../layout/geometry.js';

// Real: the whole stage, with the vocabulary of the pilot weights.
const expand = (task: string, prompt: string, more: Partial<PromptExpansionInput> = {}) =>
  expandPrompt(requestOf(task, prompt, more), vocabulary);
const captionOf = (...args: Parameters<typeof expand>) => expand(...args).plans[0]?.[0]?.caption;
const factsOf = (...args: Parameters<typeof expand>) => expand(...args).expansions[0]?.facts;

describe('an instruction to edit', () => {
  it.each(sentences)('$task: "$sentence" becomes $caption', ({ task, sentence, caption, roles }) => {
    expect(captionOf(task, sentence, { references: referencesOf(roles) })).toBe(caption);
  });

  it.each([
    ['remove', 'remove everything but the dog', /"everything but" is not understood/],
    ['remove', 'remove everything', /"everything" is not understood/],
    ['remove', 'remove the dogs', /"dogs" are several/],
    ['remove', 'remove the wolf', /"wolf" is not understood/],
    ['remove', "don't remove the dog", /"don't" is not understood/],
    ['remove', 'remove the dog and the cat', /more than one thing/],
    ['remove', 'remove the dog on the left', /a box around the thing can/],
    ['remove', 'remove the black cat', /cat cannot be black/],
    ['remove', 'add a dog', /"add" is not understood/],
    ['remove', '', /names nothing/],
    ['add', 'add two dogs', /several/],
    ['add', 'add a wolf', /"wolf" is not understood/],
    ['add', 'add a dog and a cat', /more than one thing/],
    ['add', 'add a dog on the left of the cat on the right', /more than one place/],
    ['add', 'add a dog within the castle', /cannot be shown/],
    ['add', 'add a red and a green apple', /.*/],
    ['replace', 'replace the dog', /only one thing, dog/],
    ['replace', 'replace the dog with a wolf', /"wolf"/],
    ['replace', 'replace the red apple with a green apple', /"make the apple green" to recolour/],
    ['replace', 'replace the dog with a cat and a car', /more than two things/],
    ['move', 'move the dog', /does not say where/],
    ['move', 'move the dog up', /does not say where/],
    ['move', 'move the dog to the top', /no side/],
    ['move', 'move the dog to the beach', /"beach" is not understood/],
    ['move', 'move the dog to the left and the right', /more than one place/],
    ['background', 'change the background', /names no place/],
    ['background', 'a beach and a city', /more than one place/],
    ['background', 'put the dog on a beach', /"dog" is not understood/],
    ['style', 'make it pixel art', /no style that this model knows/],
    ['style', 'make it flat and glossy', /more than one style/],
    ['style', 'make it nicer', /.*/],
    ['style', 'make it flat at night', /"at night" is no style/],
  ])('%s: "%s" is refused', (task, sentence, reason) => {
    const refused = () => expand(task, sentence);
    expect(refused).toThrow(EditNotUnderstoodError);
    expect(refused).toThrow(reason);
    expect(refused).toThrow(/Say /);
  });

  it('names the square of the box that the caller drew around the thing', () => {
    const editBox = { x: 0.5, y: 0.25, width: 0.25, height: 0.25 };
    const more = { editBox };
    expect(captionOf('remove', 'remove the dog', more)).toBe('remove. dog <x40><y24><s16>.');
    expect(captionOf('remove', 'remove the dog on the left', more)).toBe('remove. dog <x40><y24><s16>.');
    expect(captionOf('replace', 'replace the dog with a cat', more)).toBe('replace. dog cat <x40><y24><s16>.');
    expect(captionOf('add', 'add a dog', more)).toBe('add. dog <x40><y24><s16>.');
    expect(captionOf('move', 'move the dog to the left', more)).toMatch(
      /^move\. dog <x40><y24><s16>\. <x\d+><y24><s16>\.$/,
    );
    const layout = [{ phrase: 'the dog', box: { x: 0, y: 0.5, width: 0.25, height: 0.25 } }];
    expect(captionOf('move', 'move the dog', { ...more, layout })).toBe('move. dog <x40><y24><s16>. <x8><y40><s16>.');
  });

  it('plans a place by another thing where the layout says where that is', () => {
    const box = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
    const layout = [{ phrase: 'house', box }];
    for (let seed = 0; seed < 20; seed++) {
      const { plans } = expand('add', 'add a dog to the left of the house', { layout, seed });
      const { x, y, width } = plans[0]![0]!.layout[0]!.box;
      const square = (bx: number, by: number, s: number) => ({ x: (bx + s / 2) * 64, y: (by + s / 2) * 64, s: s * 64 });
      const boxOf = (id: string) => vocabulary.concepts.find((concept) => concept.id === id)!.box.glossy!;
      const dog = extentOf(square(x, y, width), boxOf('dog'));
      const house = extentOf(square(0.5, 0.5, 0.25), boxOf('house'));
      expect(relationBetween(dog, house)).toBe('left-of');
    }
  });

  it('puts things on the asked side with every seed, and not always in one spot', () => {
    const spots = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const caption = captionOf('add', 'add a dog on the left', { seed })!;
      expect(Number(/<x(\d+)>/u.exec(caption)?.[1])).toBeLessThan(0.4 * 64);
      spots.add(caption);
      expect(Number(/<x(\d+)>/u.exec(captionOf('move', '把狗移到右边', { seed })!)?.[1])).toBeGreaterThan(0.6 * 64);
    }
    expect(spots.size).toBeGreaterThan(3);
  });

  it('asks the checker for what must be there now, and for what must be gone', () => {
    expect(factsOf('remove', 'remove the red apple')).toEqual({ objects: [], relations: [], absent: ['red-apple'] });
    expect(factsOf('replace', '把狗换成一只猫')).toEqual({
      objects: [{ id: 'o1', concept: 'cat', count: 1 }],
      relations: [],
      absent: ['dog'],
    });
    expect(factsOf('add', 'add a blue car to the right of the house')).toEqual({
      objects: [
        { id: 'o1', concept: 'automobile', count: 1, colour: 'blue' },
        { id: 'o2', concept: 'house', count: 1 },
      ],
      relations: [{ subject: 'o1', relation: 'right-of', object: 'o2' }],
      absent: [],
    });
    expect(factsOf('background', 'make it a beach at night')).toMatchObject({ place: 'beach', time: 'night' });
    expect(factsOf('style', 'make it flat')).toMatchObject({ style: 'flat' });
  });

  it('tells how every word was read', () => {
    const { expansions, warnings } = expand('replace', '把小狗换成红色的气球');
    expect(expansions[0]?.explanation.map(({ from, to }) => [from, to])).toEqual([
      ['小狗', 'dog'],
      ['气球', 'balloon'],
      ['红色', 'red'],
    ]);
    expect(warnings).toEqual([]);
    expect(expand('remove', 'remove the cute dog').warnings).toMatchObject([{ code: 'words_ignored' }]);
  });

  it('is read or refused, whatever the text, task and box', { timeout: 60_000 }, () => {
    const words = sentences.flatMap(({ sentence }) => sentence.split(/\s+/u));
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(fc.constantFrom(...words, '和', '在', '，', 'the', 'left of', '<x1>'), { maxLength: 12 })
        .map((list) => list.join(' ')),
    );
    const boxes = fc.option(fc.constant({ x: 0.9, y: 0.9, width: 0.1, height: 0.1 }), { nil: undefined });
    const tasks = fc.constantFrom('add', 'remove', 'replace', 'move', 'background', 'style', 'recolour');
    fc.assert(
      fc.property(text, tasks, boxes, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (prompt, task, editBox, seed) => {
        try {
          const more = { seed, bestOf: 2, ...(editBox ? { editBox } : {}) };
          expect(PromptExpansionResult.safeParse(expand(task, prompt, more)).success).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(EditNotUnderstoodError);
        }
      }),
      { numRuns: 120 },
    );
  });
});
