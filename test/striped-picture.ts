import sharp from 'sharp';

const EDGE_PX = 64;

/** PNG of stripes, of the size that the tiny weights draw; each `number` has a picture of its own. */
export function stripedPicture(number: number): Promise<Buffer> {
  const rgb = Uint8Array.from({ length: EDGE_PX * EDGE_PX * 3 }, (_, index) => (index * (number + 3)) % 251);
  return sharp(rgb, { raw: { width: EDGE_PX, height: EDGE_PX, channels: 3 } })
    .png()
    .toBuffer();
}
