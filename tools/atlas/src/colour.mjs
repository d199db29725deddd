// Colour words, recolour masks and the recolouring rule. The Python composer applies the same rule to the same bytes.

/** word -> [hue in degrees, saturation, lightness] of the colour a recoloured object gets. */
export const TARGETS = {
  red: [2, 0.78, 0.5],
  orange: [26, 0.92, 0.54],
  yellow: [49, 0.93, 0.57],
  green: [125, 0.5, 0.42],
  cyan: [184, 0.66, 0.5],
  blue: [217, 0.77, 0.52],
  purple: [271, 0.56, 0.54],
  pink: [335, 0.8, 0.72],
  white: [210, 0.18, 0.95],
  grey: [215, 0.05, 0.55],
  black: [225, 0.08, 0.13],
};
const NEUTRAL = new Set(['white', 'grey', 'black']);
/** Share of an object's visible pixels that must carry the colour word. */
export const MAJORITY = 0.45;
const VISIBLE_ALPHA = 128;

/** r, g, b in 0..255 -> [hue in degrees, saturation 0..1, lightness 0..1] */
export function toHsl(r, g, b) {
  const [max, min] = [Math.max(r, g, b) / 255, Math.min(r, g, b) / 255];
  const [lightness, span] = [(max + min) / 2, max - min];
  if (span === 0) return [0, 0, lightness];
  const saturation = lightness > 0.5 ? span / (2 - max - min) : span / (max + min);
  const [rr, gg, bb] = [r / 255, g / 255, b / 255];
  const sector =
    max === rr ? (gg - bb) / span + (gg < bb ? 6 : 0) : max === gg ? (bb - rr) / span + 2 : (rr - gg) / span + 4;
  return [sector * 60, saturation, lightness];
}

const clamp01 = (value) => Math.min(1, Math.max(0, value));
const smooth = (from, to, value) => {
  const t = clamp01((value - from) / (to - from));
  return t * t * (3 - 2 * t);
};

export function fromHsl(hue, saturation, lightness) {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((n) => {
    const k = (((n + hue / 30) % 12) + 12) % 12;
    return 255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  });
}

/** One of 12 colour words for a pixel. */
export function colourWord(r, g, b) {
  const [hue, saturation, lightness] = toHsl(r, g, b);
  if (lightness < 0.17) return 'black';
  if ((lightness > 0.9 && saturation < 0.5) || lightness > 0.96) return 'white';
  if (saturation < 0.14) return lightness > 0.82 ? 'white' : 'grey';
  if (
    (hue < 40 && lightness < 0.42 && saturation < 0.75) ||
    (hue > 15 && hue < 42 && saturation < 0.5 && lightness < 0.6)
  )
    return 'brown';
  if (hue < 14 || hue >= 343) return lightness > 0.72 ? 'pink' : 'red';
  if (hue < 40) return 'orange';
  if (hue < 66) return 'yellow';
  if (hue < 165) return 'green';
  if (hue < 197) return 'cyan';
  if (hue < 250) return 'blue';
  if (hue < 292) return 'purple';
  return 'pink';
}

/** Shares of the colour words among the visible pixels, largest first: [[word, share], ...]. */
export function wordShares(rgba) {
  const counts = new Map();
  let visible = 0;
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3] < VISIBLE_ALPHA) continue;
    const word = colourWord(rgba[i], rgba[i + 1], rgba[i + 2]);
    counts.set(word, (counts.get(word) ?? 0) + 1);
    visible += 1;
  }
  return [...counts]
    .map(([word, count]) => [word, count / visible])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

const hueDistance = (a, b) => {
  const d = Math.abs(a - b) % 360;
  return d > 180 ? 360 - d : d;
};

/** Warm neighbours belong to one body: a brown dog has orange highlights. */
const FAMILY = {
  brown: ['brown', 'orange'],
  orange: ['orange', 'brown', 'yellow'],
  yellow: ['yellow', 'orange'],
  red: ['red', 'pink'],
  pink: ['pink', 'red'],
};

/**
 * Describes the body colour of a sprite: its hue family and the lightness recolouring turns around.
 * @returns { neutral, hue, inner, outer, lightness }: hue window in degrees (full inside `inner`, none outside `outer`)
 */
export function bodyColour(rgba) {
  const main = wordShares(rgba)[0][0];
  const family = new Set(FAMILY[main] ?? [main]);
  let [x, y] = [0, 0];
  const lightnesses = [];
  const hues = [];
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3] < VISIBLE_ALPHA || !family.has(colourWord(rgba[i], rgba[i + 1], rgba[i + 2]))) continue;
    const [hue, saturation, lightness] = toHsl(rgba[i], rgba[i + 1], rgba[i + 2]);
    lightnesses.push(lightness);
    hues.push(hue);
    x += saturation * Math.cos((hue * Math.PI) / 180);
    y += saturation * Math.sin((hue * Math.PI) / 180);
  }
  lightnesses.sort((a, b) => a - b);
  const hue = ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
  const spread = Math.sqrt(hues.reduce((sum, h) => sum + hueDistance(h, hue) ** 2, 0) / hues.length);
  const inner = Math.min(42, Math.max(18, 2.2 * spread));
  return {
    neutral: NEUTRAL.has(main),
    hue: Math.round(hue),
    inner: Math.round(inner),
    outer: Math.round(inner + 16),
    lightness: Number(lightnesses[lightnesses.length >> 1].toFixed(3)),
  };
}

const MASK_LEVELS = 15;

/** Recolour mask, one byte a pixel in 16 levels (0 keeps the pixel, 255 repaints it). */
export function recolourMask(rgba, body) {
  const mask = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < mask.length; i++) {
    const [r, g, b, alpha] = rgba.subarray(i * 4, i * 4 + 4);
    if (alpha === 0) continue;
    const [hue, , lightness] = toHsl(r, g, b);
    const chroma = (Math.max(r, g, b) - Math.min(r, g, b)) / 255;
    const member = body.neutral
      ? (1 - smooth(0.2, 0.34, chroma)) * (1 - smooth(0.3, 0.42, Math.abs(lightness - body.lightness)))
      : (1 - smooth(body.inner, body.outer, hueDistance(hue, body.hue))) * smooth(0.05, 0.14, chroma);
    mask[i] = (Math.round(member * MASK_LEVELS) * 255) / MASK_LEVELS;
  }
  return mask;
}

/** Repaints the masked pixels: target hue, lightness kept relative to the body's own. Returns new RGBA bytes. */
export function recolour(rgba, mask, body, word) {
  const [hue, saturation, lightness] = TARGETS[word];
  const out = Uint8Array.from(rgba);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const p = i * 4;
    const [h, s, l] = toHsl(rgba[p], rgba[p + 1], rgba[p + 2]);
    let turn = ((h - body.hue + 540) % 360) - 180;
    turn = body.neutral || NEUTRAL.has(word) ? 0 : 0.25 * Math.max(-30, Math.min(30, turn));
    const depth = NEUTRAL.has(word) ? 1 : body.neutral ? 0.9 : 0.6 + 0.4 * Math.min(1, s / 0.6);
    const painted = fromHsl(
      hue + turn,
      saturation * depth,
      Math.min(0.98, Math.max(0.04, lightness + 0.75 * (l - body.lightness))),
    );
    for (let c = 0; c < 3; c++)
      out[p + c] = Math.floor((painted[c] * mask[i] + rgba[p + c] * (255 - mask[i])) / 255 + 0.5);
  }
  return out;
}

/** Below this mean chroma a colour word would be a stretch for the native drawing (a tan dog is no orange dog). */
const VIVID_CHROMA = 0.5;

/** A word about a smaller part would describe the part, not the object. */
const MIN_MASKED = 0.4;

function maskedShare(rgba, mask) {
  let [masked, visible] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (rgba[i * 4 + 3] < VISIBLE_ALPHA) continue;
    visible += 1;
    if (mask[i] > 127) masked += 1;
  }
  return masked / visible;
}

function isVivid(rgba, word) {
  if (NEUTRAL.has(word)) return true;
  let [sum, count] = [0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b, alpha] = rgba.subarray(i, i + 4);
    if (alpha < VISIBLE_ALPHA || colourWord(r, g, b) !== word) continue;
    sum += (Math.max(r, g, b) - Math.min(r, g, b)) / 255;
    count += 1;
  }
  return sum / count >= VIVID_CHROMA;
}

/**
 * Colour words this sprite can honestly carry: after repainting, the word is the largest share and at least MAJORITY.
 * `native` is the word of the untouched drawing when it is vivid enough; that word needs no repainting.
 */
export function passingColours(rgba, mask, body) {
  if (maskedShare(rgba, mask) < MIN_MASKED) return { native: null, colours: [] };
  const [word, share] = wordShares(rgba)[0];
  const native = share >= MAJORITY && word in TARGETS && isVivid(rgba, word) ? word : null;
  const colours = Object.keys(TARGETS).filter((target) => {
    if (target === native) return true;
    const top = wordShares(recolour(rgba, mask, body, target))[0];
    return top[0] === target && top[1] >= MAJORITY;
  });
  return { native, colours };
}
