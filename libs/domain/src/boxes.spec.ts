import { describe, expect, it } from 'vitest';
import { boxInCrop } from './index.js';

const SQUARE = { widthPx: 64, heightPx: 64 };

describe('a box of a picture that is cut to another shape', () => {
  it('stays where the shapes are equal', () => {
    const box = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 };
    expect(boxInCrop(box, { widthPx: 640, heightPx: 640 }, SQUARE)).toEqual(box);
  });

  it('is told in the part that is left, and cut to it', () => {
    const wide = { widthPx: 200, heightPx: 100 };
    expect(boxInCrop({ x: 0.5, y: 0, width: 0.25, height: 1 }, wide, SQUARE)).toEqual({
      x: 0.5,
      y: 0,
      width: 0.5,
      height: 1,
    });
    expect(boxInCrop({ x: 0, y: 0, width: 0.5, height: 0.5 }, wide, SQUARE)).toEqual({
      x: 0,
      y: 0,
      width: 0.5,
      height: 0.5,
    });
  });

  it('is nothing where all of it was cut off', () => {
    expect(boxInCrop({ x: 0, y: 0, width: 0.2, height: 1 }, { widthPx: 200, heightPx: 100 }, SQUARE)).toBeNull();
  });
});
