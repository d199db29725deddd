import { describe, expect, it } from 'vitest';
import { editBodyOf, editExample, pictureIn, refusalOf, trainedEdits } from './edits.js';

const task = (name: string, trained: boolean) => ({ name, trained });

describe('changing a picture', () => {
  it('offers only what the weights have learned and what one picture and a sentence suffice for', () => {
    const tasks = [task('text-to-image', true), task('recolour', true), task('remove', false), task('depth', true)];
    expect(trainedEdits({ tasks })).toEqual(['recolour']);
  });

  it.each([
    ['image/png', 1_000, null],
    ['image/webp', 1_000, null],
    ['image/gif', 1_000, 'Only PNG, JPEG and WebP pictures can be changed.'],
    ['text/html', 1_000, 'Only PNG, JPEG and WebP pictures can be changed.'],
    ['image/jpeg', 31_000_000, 'The picture is larger than 30 MB.'],
  ])('of type %s and %i bytes: %s', (type, size, refusal) => {
    expect(refusalOf({ type, size })).toBe(refusal);
  });

  it('takes the first picture of what was dropped', () => {
    const files = [new File(['a'], 'a.txt', { type: 'text/plain' }), new File(['b'], 'b.png', { type: 'image/png' })];
    expect(pictureIn(files)?.name).toBe('b.png');
    expect(pictureIn([])).toBeNull();
  });

  it('suggests a sentence in words that the weights know', () => {
    const vocabulary = {
      concepts: ['apple', 'teddy bear'],
      colours: ['red', 'blue'],
      styles: [],
      places: [],
      times: [],
    };
    expect(editExample('recolour', vocabulary)).toBe('make the apple blue');
    expect(editExample('recolour', { ...vocabulary, colours: ['green'] })).toBe('make the apple green');
  });

  it('leaves the seed to the server unless one was given', () => {
    const source = { image: new Blob(['x']), name: 'x.png' };
    const wish = { prompt: ' make it blue ', task: 'recolour', n: 2, seed: '' };
    expect(editBodyOf(wish, source)).toEqual({
      prompt: 'make it blue',
      images: [source.image],
      task: 'recolour',
      n: 2,
    });
    expect(editBodyOf({ ...wish, seed: '0' }, source).seed).toBe(0);
  });
});
