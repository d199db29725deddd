import { describe, expect, it } from 'vitest';
import { between } from './area-picker.js';
import { type EditTask, editBodyOf, editExample, missingOf, pictureIn, refusalOf, trainedEdits } from './edits.js';

const task = (name: string, trained: boolean, min = 1, max = min) => ({ name, trained, references: { min, max } });

describe('changing a picture', () => {
  it('offers what the weights have learned, as far as this page knows how to ask for it', () => {
    const tasks = [
      task('text-to-image', true, 0),
      task('recolour', true),
      task('remove', false),
      task('style', true, 1, 2),
      task('hologram', true),
    ].map((one) => (one.name === 'hologram' ? { name: one.name, trained: true } : one));
    expect(trainedEdits({ tasks }).map(({ name, area, maxPictures }) => [name, area, maxPictures])).toEqual([
      ['recolour', 'optional', 1],
      ['style', 'none', 2],
    ]);
  });

  it('says what is still missing: pictures, or the part to be filled', () => {
    const [compose, mask] = trainedEdits({ tasks: [task('compose', true, 2, 4), task('mask', true)] });
    const area = between({ x: 0.5, y: 0.75 }, { x: 0.25, y: 0.5 });
    expect(area).toEqual({ x: 0.25, y: 0.5, width: 0.25, height: 0.25 });
    expect(missingOf(compose as EditTask, 1, null)).toContain('add 1 more');
    expect(missingOf(compose as EditTask, 2, null)).toBeNull();
    expect(missingOf(mask as EditTask, 1, null)).toContain('Mark the part');
    expect(missingOf(mask as EditTask, 1, area)).toBeNull();
  });

  it('sends every picture, the area, and that outlines are to be found', () => {
    const [first, second] = [new Blob(['a']), new Blob(['b'])];
    const wish = { prompt: 'a dog', n: 1, seed: '', more: [{ image: second, name: 'b' }] };
    const area = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 };
    const body = editBodyOf({ ...wish, task: 'edges', area, fromPicture: true }, { image: first, name: 'a' });
    expect(body).toMatchObject({
      images: [first, second],
      edit_box: '0.2500,0.5000,0.2500,0.2500',
      control_from: 'picture',
    });
    expect(editBodyOf({ ...wish, task: 'style', fromPicture: true }, { image: first, name: 'a' })).not.toHaveProperty(
      'control_from',
    );
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
