import type { RgbImage } from '@atelier/ports';

/** Shares of the picture's edge: standard deviations of the smoothing for position and for strength of a line. */
const POSITION_BLUR = 0.0045;
const STRENGTH_BLUR = 0.004;
/** Strengths 0..1 from which a crest is a line. */
const EDGE_THRESHOLD = 0.42;
const SKETCH_THRESHOLD = 0.5;
/** From this edge on lines are two pixels wide, so that they keep their weight. */
const WIDE_LINES_FROM_PX = 192;
const PENCIL = 120;

/**
 * White outlines on black: crests of the gradient (non-maximum suppression as in Canny, 1986) where it is strong. The
 * same computation as `edge_map` of the world's control maps, so that a picture from outside looks as in training.
 */
export function edgesOf(image: RgbImage): RgbImage {
  const lines = widened(crests(image, EDGE_THRESHOLD), image);
  return painted(image, (index) => (lines[index] ? 255 : 0));
}

/** Dark outlines on white paper, softened as by a pencil. */
export function sketchOf(image: RgbImage): RgbImage {
  const { widthPx, heightPx } = image;
  const lines = widened(crests(image, SKETCH_THRESHOLD), image);
  const ink = blurred(
    Float32Array.from(lines, (line) => line * 255),
    widthPx,
    heightPx,
    1,
    0.5,
  );
  return painted(image, (index) => 255 - ((255 - PENCIL) * Math.min(255, (ink[index] as number) * 1.35)) / 255);
}

/** 1 where a line is. */
function crests(image: RgbImage, threshold: number): Uint8Array {
  const { widthPx, heightPx } = image;
  const edge = Math.min(widthPx, heightPx);
  const { gx, gy } = strongestGradient(image, POSITION_BLUR * edge);
  const size = gx.map((x, index) => Math.hypot(x, gy[index] as number));
  const strong = strongestGradient(image, STRENGTH_BLUR * edge);
  const lines = new Uint8Array(widthPx * heightPx);
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= widthPx || y >= heightPx ? 0 : (size[y * widthPx + x] as number);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const index = y * widthPx + x;
      const strength = (Math.hypot(strong.gx[index] as number, strong.gy[index] as number) * edge) / 256;
      if ((strength - 14) / 50 <= threshold) continue;
      const [dx, dy] = direction(gx[index] as number, gy[index] as number);
      const own = size[index] as number;
      if (own >= at(x - dx, y - dy) && own > at(x + dx, y + dy)) lines[index] = 1;
    }
  }
  return lines;
}

/** The neighbour in the direction of the gradient, one of four. */
function direction(gx: number, gy: number): [number, number] {
  if (Math.abs(gx) > 2.4 * Math.abs(gy)) return [1, 0];
  if (Math.abs(gy) > 2.4 * Math.abs(gx)) return [0, 1];
  return gx > 0 === gy > 0 ? [1, 1] : [-1, 1];
}

/** Central differences of the smoothed picture, of each pixel those of the channel that changes most. */
function strongestGradient({ rgb, widthPx, heightPx }: RgbImage, sigmaPx: number) {
  const smooth = blurred(Float32Array.from(rgb), widthPx, heightPx, 3, sigmaPx);
  const [gx, gy] = [new Float32Array(widthPx * heightPx), new Float32Array(widthPx * heightPx)];
  const level = (x: number, y: number, c: number): number => smooth[(y * widthPx + x) * 3 + c] as number;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let strongest = -1;
      for (let c = 0; c < 3; c++) {
        const dx = x > 0 && x < widthPx - 1 ? level(x + 1, y, c) - level(x - 1, y, c) : 0;
        const dy = y > 0 && y < heightPx - 1 ? level(x, y + 1, c) - level(x, y - 1, c) : 0;
        if (dx * dx + dy * dy <= strongest) continue;
        strongest = dx * dx + dy * dy;
        gx[y * widthPx + x] = dx;
        gy[y * widthPx + x] = dy;
      }
    }
  }
  return { gx, gy };
}

/** Separable Gaussian; the border pixel stands for all beyond it. */
function blurred(
  values: Float32Array,
  widthPx: number,
  heightPx: number,
  channels: number,
  sigmaPx: number,
): Float32Array {
  const radius = Math.max(1, Math.ceil(3 * sigmaPx));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-((k - radius) ** 2) / (2 * sigmaPx ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pass = (from: Float32Array, length: number, step: number, isRow: boolean): Float32Array => {
    const to = new Float32Array(from.length);
    for (let index = 0; index < from.length; index++) {
      const pixel = Math.floor(index / channels);
      const along = isRow ? pixel % widthPx : Math.floor(pixel / widthPx);
      let sum = 0;
      for (let k = -radius; k <= radius; k++) {
        const there = Math.min(length - 1, Math.max(0, along + k));
        sum += (weights[k + radius] as number) * (from[index + (there - along) * step] as number);
      }
      to[index] = sum / total;
    }
    return to;
  };
  return pass(pass(values, widthPx, channels, true), heightPx, channels * widthPx, false);
}

/** A line and its neighbours to the right and below. */
function widened(lines: Uint8Array, { widthPx, heightPx }: RgbImage): Uint8Array {
  if (Math.min(widthPx, heightPx) < WIDE_LINES_FROM_PX) return lines;
  return lines.map((line, index) => {
    const left = index % widthPx > 0 ? (lines[index - 1] as number) : 0;
    const above = index >= widthPx ? (lines[index - widthPx] as number) : 0;
    return line || left || above ? 1 : 0;
  });
}

function painted({ widthPx, heightPx }: RgbImage, level: (index: number) => number): RgbImage {
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let index = 0; index < widthPx * heightPx; index++) rgb.fill(Math.round(level(index)), index * 3, index * 3 + 3);
  return { widthPx, heightPx, rgb };
}
