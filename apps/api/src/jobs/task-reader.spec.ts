import { readVocabulary } from '@atelier/stage-prompt-expansion';
import { buildManifest } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { taskReader } from './task-reader.js';

describe('the task that a sentence asks for', async () => {
  const { vocabulary } = buildManifest();
  const words = { ...vocabulary, concepts: ['red-apple', 'dog', 'cat'], colours: ['red', 'blue'] };
  const read = taskReader(await readVocabulary(buildManifest({ vocabulary: words })));
  const ALL = ['recolour', 'add', 'remove', 'replace', 'move', 'background', 'style', 'compose'];

  it.each([
    ['make the apple blue', 'recolour'],
    ['remove the dog', 'remove'],
    ['把狗去掉', 'remove'],
    ['add a cat on the left', 'add'],
    ['replace the dog with a cat', 'replace'],
    ['move the dog to the left', 'move'],
    ['a dog and a cat', null],
  ])('%s: %s', (sentence, task) => {
    expect(read(sentence, ALL)).toBe(task);
  });

  it('is none that the weights have not learned', () => {
    expect(read('remove the dog', ['recolour'])).toBeNull();
  });
});
