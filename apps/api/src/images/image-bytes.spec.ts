import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sniffImage } from './image-bytes.js';

const picture = () => sharp({ create: { width: 37, height: 21, channels: 3, background: '#a03020' } });

describe('sniffImage', () => {
  it.each([
    ['png', () => picture().png().toBuffer()],
    ['jpeg', () => picture().jpeg().toBuffer()],
    ['webp', () => picture().webp().toBuffer()],
    ['webp', () => picture().webp({ lossless: true }).toBuffer()],
    ['webp', () => picture().ensureAlpha(0.5).webp().toBuffer()],
    ['avif', () => picture().avif().toBuffer()],
  ] as const)('reads format and size of a real %s from its bytes', async (format, encode) => {
    expect(sniffImage(await encode(), 'image')).toEqual({ format, widthPx: 37, heightPx: 21 });
  });

  it('never throws anything but its own refusals on damaged files', async () => {
    const files = await Promise.all([picture().png(), picture().jpeg(), picture().webp()].map((one) => one.toBuffer()));
    for (const file of files) {
      for (let length = 0; length < file.length; length += 7) {
        try {
          sniffImage(file.subarray(0, length), 'image');
        } catch (error) {
          expect((error as { code: string }).code).toBe('invalid_image');
        }
      }
    }
  });
});
