import { describe, expect, it } from 'vitest';
import { storyboardFrames } from './index.js';

describe('a story told in one text', () => {
  it.each([
    [
      'a dog on a meadow; the dog meets a cat; night falls',
      ['a dog on a meadow', 'the dog meets a cat', 'night falls'],
    ],
    ['1. a dog on a meadow 2. the dog meets a cat', ['a dog on a meadow', 'the dog meets a cat']],
    ['1) a dog; 2) a cat; 3) night falls', ['a dog', 'a cat', 'night falls']],
    ['flat style: 1. a dog; 2. night falls.', ['flat style: a dog', 'night falls.']],
    ['草地上有一只狗；狗遇到一只猫；夜幕降临', ['草地上有一只狗', '狗遇到一只猫', '夜幕降临']],
    ['1、一只狗 2、夜幕降临', ['一只狗', '夜幕降临']],
    ['a dog\nnight falls\n', ['a dog', 'night falls']],
    ['a dog on a meadow', ['a dog on a meadow']],
    ['3. dogs', ['3. dogs']],
    ['1) a dog\n2) a cat', ['a dog', 'a cat']],
    ['a dog -> a cat → night falls', ['a dog', 'a cat', 'night falls']],
    ['1. a dog of 1.5 metres 2. a cat', ['a dog of 1.5 metres', 'a cat']],
    ['a story in 2 pictures, flat style: 1. a dog; 2. it meets a cat', ['a dog, flat style', 'it meets a cat']],
    ['两格故事：1. 一只狗；2. 狗遇到一只猫', ['一只狗', '狗遇到一只猫']],
    [';;', [';;']],
  ])('%j has the pictures %j', (text, frames) => {
    expect(storyboardFrames(text)).toEqual(frames);
  });
});
