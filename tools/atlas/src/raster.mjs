import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';

/** Native render buffers are only freed when the event loop turns; without this memory grows by about 1 MB a render. */
const RENDERS_BETWEEN_YIELDS = 8;
let renders = 0;
async function yieldToEventLoop() {
  renders += 1;
  if (renders % RENDERS_BETWEEN_YIELDS === 0) await new Promise((resolve) => setImmediate(resolve));
}

const svgOf = (icon, sizePx) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${sizePx}" height="${sizePx}" ` +
  `viewBox="${icon.left} ${icon.top} ${icon.width} ${icon.height}">${icon.body}</svg>`;

/** Renders the whole icon; straight (not premultiplied) RGBA, sizePx x sizePx. `renderer` is 'resvg' or 'librsvg'. */
async function renderIcon(icon, sizePx, renderer) {
  if (renderer === 'librsvg') {
    const options = { density: (72 * sizePx) / icon.width };
    const image = sharp(Buffer.from(svgOf(icon, icon.width)), options).resize(sizePx, sizePx, { fit: 'fill' });
    return new Uint8Array(await image.ensureAlpha().raw().toBuffer());
  }
  await yieldToEventLoop();
  const image = new Resvg(svgOf(icon, sizePx), { font: { loadSystemFonts: false } }).render();
  return unpremultiply(new Uint8Array(image.pixels));
}

function unpremultiply(rgba) {
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3];
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < 3; c++) rgba[i + c] = Math.min(255, Math.round((rgba[i + c] * 255) / alpha));
  }
  return rgba;
}

const PROBE_PX = 256;
const VISIBLE_ALPHA = 24;

function visibleBox(rgba, sizePx) {
  let [x0, y0, x1, y1] = [sizePx, sizePx, 0, 0];
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      if (rgba[(y * sizePx + x) * 4 + 3] <= VISIBLE_ALPHA) continue;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x + 1);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y + 1);
    }
  }
  return x1 > x0 ? { x0, y0, x1, y1, longer: Math.max(x1 - x0, y1 - y0) } : undefined;
}

/**
 * Sprite: the drawing cropped tight, its longer side filling the square less a margin of `marginPx`,
 * horizontally centred and standing on the bottom edge (centred for things that hang in the sky).
 * The icon is always rendered whole and cut afterwards: a cropping view box makes the filters of one set abort.
 * @returns RGBA bytes sizePx x sizePx, or undefined when the drawing is blank
 */
export async function renderSprite(icon, { sizePx, vertical, marginPx = 2, extraPx = 0, renderer = 'resvg' }) {
  const probe = visibleBox(await renderIcon(icon, PROBE_PX + extraPx, renderer), PROBE_PX + extraPx);
  if (probe === undefined) return undefined;
  const inner = sizePx - 2 * marginPx;
  const renderPx = Math.floor(((PROBE_PX + extraPx) * inner) / probe.longer) + extraPx;
  const rgba = await renderIcon(icon, renderPx, renderer);
  const box = visibleBox(rgba, renderPx);
  const left = Math.round((box.x0 + box.x1 - sizePx) / 2);
  const top = vertical === 'centre' ? Math.round((box.y0 + box.y1 - sizePx) / 2) : box.y1 + marginPx - sizePx;
  const sprite = new Uint8Array(sizePx * sizePx * 4);
  for (let y = Math.max(0, -top); y < Math.min(sizePx, renderPx - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(sizePx, renderPx - left); x++) {
      const from = ((y + top) * renderPx + x + left) * 4;
      // Fully clear pixels carry no colour: keeps the lossless sheets small and identical.
      if (rgba[from + 3] >= 3) sprite.set(rgba.subarray(from, from + 4), (y * sizePx + x) * 4);
    }
  }
  return sprite;
}
