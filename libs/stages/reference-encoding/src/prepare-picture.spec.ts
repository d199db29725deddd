import { MemoryBlobs } from '@atelier/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { preparePicture } from './prepare-picture.js';

const EDGE_PX = 64;
const SIZE = { widthPx: EDGE_PX, heightPx: EDGE_PX };

/** A dark square of 32 pixels in the middle of a bright ground. */
function square() {
  const rgb = new Uint8Array(EDGE_PX * EDGE_PX * 3).fill(220);
  for (let y = 16; y < 48; y++) rgb.fill(30, (y * EDGE_PX + 16) * 3, (y * EDGE_PX + 48) * 3);
  return { ...SIZE, rgb };
}

const levelAt = (rgb: Uint8Array, x: number, y: number): number => rgb[(y * EDGE_PX + x) * 3] as number;

async function alphaOf(png: Uint8Array): Promise<Uint8Array> {
  return sharp(png).extractChannel('alpha').raw().toBuffer();
}

describe('a picture with a hole', () => {
  const BOX = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };

  it('is grey check inside of the box and itself outside, as the weights have seen it', async () => {
    const { picture } = await preparePicture(square(), { kind: 'hole', box: BOX }, new MemoryBlobs());
    expect([levelAt(picture.rgb, 31, 31), levelAt(picture.rgb, 48, 48)]).toEqual([30, 220]);
    // Cells of two pixels: 138 where row and column of the cell are both even or both odd.
    expect([32, 33, 34, 36].map((x) => levelAt(picture.rgb, x, 32))).toEqual([138, 138, 118, 138]);
    expect([32, 34].map((y) => levelAt(picture.rgb, 32, y))).toEqual([138, 118]);
  });

  it('keeps every pixel outside exactly, fades within the first pixels of the hole and nothing beyond', async () => {
    const original = square();
    const { kept } = await preparePicture(original, { kind: 'hole', box: BOX }, new MemoryBlobs());
    const alpha = await alphaOf(kept as Uint8Array);
    const inside = (x: number, y: number) => x >= 32 && x < 48 && y >= 32 && y < 48;
    for (let y = 0; y < EDGE_PX; y++) {
      for (let x = 0; x < EDGE_PX; x++) {
        const level = alpha[y * EDGE_PX + x] as number;
        if (inside(x, y)) expect(level).toBeLessThan(255);
        else expect(level).toBe(255);
      }
    }
    expect([32, 33, 40].map((x) => alpha[40 * EDGE_PX + x])).toEqual([128, 0, 0]);
    const rgb = await sharp(kept as Uint8Array)
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(Buffer.from(original.rgb).equals(rgb)).toBe(true);
  });

  it('is told by a mask of any size and shape: what is transparent is open', async () => {
    const blobs = new MemoryBlobs();
    const rgba = Buffer.alloc(128 * 128 * 4, 255);
    for (let y = 0; y < 128; y++) for (let x = y; x < 128; x++) rgba[(y * 128 + x) * 4 + 3] = 0;
    const png = await sharp(rgba, { raw: { width: 128, height: 128, channels: 4 } })
      .png()
      .toBuffer();
    const mask = await blobs.put('mask', png, { contentType: 'image/png' });
    const { picture } = await preparePicture(square(), { kind: 'hole', mask }, blobs);
    expect(levelAt(picture.rgb, 4, 56)).toBe(220);
    expect([118, 138]).toContain(levelAt(picture.rgb, 56, 4));
  });

  it('needs a mask that can be read, or a box', async () => {
    const blobs = new MemoryBlobs();
    const mask = await blobs.put('mask', new TextEncoder().encode('no picture'), { contentType: 'image/png' });
    const invalid = { errorClass: 'invalid' };
    await expect(preparePicture(square(), { kind: 'hole', mask }, blobs)).rejects.toMatchObject(invalid);
    await expect(preparePicture(square(), { kind: 'hole' }, blobs)).rejects.toMatchObject(invalid);
  });
});

describe('outlines of a picture', () => {
  it('are thin white lines on black along the borders, and none inside', async () => {
    const { picture, kept } = await preparePicture(square(), { kind: 'edges' }, new MemoryBlobs());
    expect(kept).toBeNull();
    expect([levelAt(picture.rgb, 32, 32), levelAt(picture.rgb, 4, 4)]).toEqual([0, 0]);
    const row = Array.from({ length: EDGE_PX }, (_, x) => levelAt(picture.rgb, x, 32));
    expect(row.filter((level) => level > 0)).toEqual([255, 255]);
    expect(row.findIndex((level) => level > 0)).toBeGreaterThanOrEqual(15);
    expect(row.findIndex((level) => level > 0)).toBeLessThanOrEqual(16);
  });

  it('are dark on white as a sketch', async () => {
    const { picture } = await preparePicture(square(), { kind: 'sketch' }, new MemoryBlobs());
    const row = Array.from({ length: EDGE_PX }, (_, x) => levelAt(picture.rgb, x, 32));
    expect([row[4], row[32]]).toEqual([255, 255]);
    expect(Math.min(...row)).toBeLessThan(190);
  });

  it('are none in a picture of one colour', async () => {
    const plain = { ...SIZE, rgb: new Uint8Array(EDGE_PX * EDGE_PX * 3).fill(90) };
    const { picture } = await preparePicture(plain, { kind: 'edges' }, new MemoryBlobs());
    expect(new Set(picture.rgb)).toEqual(new Set([0]));
  });
});
