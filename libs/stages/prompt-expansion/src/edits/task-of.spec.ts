import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditNotUnderstoodError } from '../errors.js';
import { sentences, vocabulary } from '../fixtures/instructions.js';
import { taskOf } from './task-of.js';

describe('which edit a sentence asks for', () => {
  it.each(sentences)('$task: $sentence', ({ task, sentence }) => {
    expect(taskOf(sentence, vocabulary)?.task).toBe(task);
  });

  it.each(['a dog', 'hello', 'make the dog bigger', 'the dog and the cat', '', '🎉', '一只狗', '你好'])(
    'is none in "%s"',
    (sentence) => {
      expect(taskOf(sentence, vocabulary)).toBeNull();
    },
  );

  it.each([
    ['make the apple blue and remove the dog', /remove \("remove the dog"\) or recolour/],
    ['remove the dog and add a cat', /remove .* or add/],
    ['put the dog on a beach', /move .* or background/],
    ['make it flat and at night', /background .* or style/],
    ['把苹果变成蓝色，去掉狗', /remove .* or recolour/],
  ])('"%s" is refused with both readings', (sentence, readings) => {
    const read = () => taskOf(sentence, vocabulary);
    expect(read).toThrow(EditNotUnderstoodError);
    expect(read).toThrow(readings);
  });

  it('counts only tasks that the weights know', () => {
    expect(taskOf('put the dog on a beach', vocabulary, ['recolour', 'background'])?.task).toBe('background');
    expect(taskOf('remove the dog', vocabulary, ['recolour'])).toBeNull();
  });

  it('is told or refused, whatever the text', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), mixed), (text) => {
        try {
          taskOf(text, vocabulary);
        } catch (error) {
          expect(error).toBeInstanceOf(EditNotUnderstoodError);
        }
      }),
      { numRuns: 80 },
    );
  });
});

const words = sentences.flatMap(({ sentence }) => sentence.split(/\s+/u));
const mixed = fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((list) => list.join(' '));
