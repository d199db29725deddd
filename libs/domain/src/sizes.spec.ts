import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSize, parseSizeText, sameSize } from './index.js';

const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });
const SUPPORTED = {
  sizes: [size(256, 256), size(320, 192), size(192, 320), size(128, 128)],
  defaultSize: size(256, 256),
};

describe('the size to draw', () => {
  it('is the one asked for where it is supported, without a warning', () => {
    for (const asked of SUPPORTED.sizes) {
      expect(chooseSize(asked, SUPPORTED)).toEqual({ size: asked, warning: null });
    }
  });

  it('is the model\'s own for "auto"', () => {
    expect(chooseSize('auto', SUPPORTED)).toEqual({ size: SUPPORTED.defaultSize, warning: null });
  });

  it('is else the nearest one by both sides, and a warning names both', () => {
    const { size: chosen, warning } = chooseSize(size(1792, 1024), SUPPORTED);
    expect(chosen).toEqual(size(320, 192));
    expect(warning).toMatchObject({ code: 'size_changed', param: 'size' });
    expect(warning?.message).toMatch(/1792x1024.*320x192/);
    expect(chooseSize(size(1024, 1024), SUPPORTED).size).toEqual(size(256, 256));
    expect(chooseSize(size(100, 100), SUPPORTED).size).toEqual(size(128, 128));
  });

  it('is always a supported one, and a changed one is never silent', () => {
    const side = fc.integer({ min: 16, max: 8_192 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { size: chosen, warning } = chooseSize(size(width, height), SUPPORTED);
        expect(SUPPORTED.sizes.some((one) => sameSize(one, chosen))).toBe(true);
        expect(warning === null).toBe(sameSize(chosen, size(width, height)));
      }),
    );
  });
});

describe('a size text', () => {
  it('is read as width and height, or auto, or not at all', () => {
    expect(parseSizeText('256x192')).toEqual(size(256, 192));
    expect(parseSizeText('auto')).toBe('auto');
    for (const text of ['', '256', '256X256', '0x10', '-1x5', '256x', 'x256', '1e3x5', '256x256x3', ' 256x256']) {
      expect(parseSizeText(text)).toBeNull();
    }
  });
});
