import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withOverlay } from './overlay.js';

/** Four pixels in a row with these opacities, all of level 200. */
const overlay = (opacities: readonly number[]) =>
  sharp(Buffer.from(opacities.flatMap((alpha) => [200, 201, 202, alpha])), {
    raw: { width: opacities.length, height: 1, channels: 4 },
  })
    .png()
    .toBuffer();

describe('an overlay', () => {
  const drawing = { widthPx: 4, heightPx: 1, rgb: new Uint8Array(12).fill(100) };

  it('replaces what it covers exactly, mixes where it is half clear and leaves the rest', async () => {
    const { rgb } = await withOverlay(drawing, await overlay([255, 0, 51, 255]));
    expect([...rgb]).toEqual([200, 201, 202, 100, 100, 100, 120, 120, 120, 200, 201, 202]);
  });

  it('of another size is refused', async () => {
    await expect(withOverlay(drawing, await overlay([255, 255]))).rejects.toMatchObject({ errorClass: 'invalid' });
  });
});
