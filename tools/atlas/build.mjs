// Builds gpu-runtime/assets/atlas and NOTICE. Usage: node build.mjs [--pilot] [--out <folder>]
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { bodyColour, passingColours, recolourMask, TARGETS } from './src/colour.mjs';
import { namesOf } from './src/names.mjs';
import { notice } from './src/notice.mjs';
import { isPicturable, LATER, PILOT } from './src/picturable.mjs';
import { bodyOf, placementOf, placesOf, themeOf } from './src/placement.mjs';
import { renderAll } from './src/raster-pool.mjs';
import { isRepacked, repack } from './src/repack.mjs';
import { openNames, openSet, STYLES } from './src/sources.mjs';

const SPRITE_PX = 192;
const COLUMNS = 8;
const SPRITES_PER_SHEET = COLUMNS * COLUMNS;
const MAX_BYTES = 18 * 1024 * 1024;
/** The first sheet holds the concepts that networks were trained on: its bytes never change. */
const FIRST_SHEET_QUALITY = 80;
const QUALITY = 60;
const root = fileURLToPath(new URL('../..', import.meta.url));
const outAt = process.argv.indexOf('--out');
const atlasFolder = outAt > 0 ? process.argv[outAt + 1] : join(root, 'gpu-runtime/assets/atlas');
// Built beside the old atlas and swapped in at the end: whoever reads sprites meanwhile never meets half an atlas.
const outFolder = `${atlasFolder}.new`;

const pilotOnly = process.argv.includes('--pilot');
const sets = Object.fromEntries(Object.entries(STYLES).map(([style, prefix]) => [style, openSet(prefix)]));
const styles = Object.keys(STYLES);

/** Concepts drawn in every style: the pilot list first and in its order, then CLDR order, then the later list in its order. */
function chooseConcepts() {
  const rank = new Map(PILOT.map((id, i) => [id, i]));
  const later = new Map(LATER.map((id, i) => [id, i]));
  const drawn = openNames()
    .filter((entry) => isPicturable(entry) || later.has(entry.id))
    .map((entry) => ({
      ...entry,
      icons: Object.fromEntries(styles.map((style) => [style, sets[style].find(entry.hexcode, entry.label)])),
    }))
    .filter((entry) => styles.every((style) => entry.icons[style]));
  const missing = PILOT.filter((id) => !drawn.some((entry) => entry.id === id));
  if (missing.length > 0) throw new Error(`pilot concepts without drawings: ${missing.join(', ')}`);
  const order = (entry, i) =>
    rank.get(entry.id) ?? (later.has(entry.id) ? PILOT.length + drawn.length + later.get(entry.id) : PILOT.length + i);
  const sorted = drawn
    .map((entry, i) => ({ entry, at: order(entry, i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry);
  return pilotOnly ? sorted.slice(0, PILOT.length) : sorted;
}

const jobKey = (style, id) => `${style}.${id}`;

function rasterise(concepts) {
  const jobs = styles.flatMap((style) =>
    concepts.map((concept) => ({
      key: jobKey(style, concept.id),
      set: sets[style].prefix,
      icon: concept.icons[style],
      sizePx: SPRITE_PX,
      vertical: placementOf(concept) === 'sky' ? 'centre' : 'bottom',
    })),
  );
  const { sprites, aborted } = renderAll(jobs);
  const blank = [...sprites].filter(([, rgba]) => rgba.length === 0).map(([key]) => key);
  if (blank.length > 0) throw new Error(`blank drawings: ${blank.join(', ')}`);
  if (aborted.length > 0) console.log(`renderer aborted once on: ${aborted.join(', ')}`);
  return sprites;
}

/**
 * Pastes equal square cells into a sheet and writes it in the lossless format. Sprites first lose the last bit of colour
 * where it is noise (a tenth of the bytes, invisible); masks stay exact.
 */
async function writeSheet(path, cells, channels, quality) {
  const sidePx = COLUMNS * SPRITE_PX;
  const rows = Math.ceil(cells.length / COLUMNS);
  const sheet = new Uint8Array(sidePx * rows * SPRITE_PX * channels);
  cells.forEach((cell, i) => {
    const [left, top] = [(i % COLUMNS) * SPRITE_PX, Math.floor(i / COLUMNS) * SPRITE_PX];
    for (let y = 0; y < SPRITE_PX; y++) {
      const row = cell.subarray(y * SPRITE_PX * channels, (y + 1) * SPRITE_PX * channels);
      sheet.set(row, ((top + y) * sidePx + left) * channels);
    }
  });
  const raw = { width: sidePx, height: rows * SPRITE_PX, channels };
  await sharp(sheet, { raw })
    .webp(channels === 1 ? { lossless: true, effort: 6 } : { nearLossless: true, quality, effort: 6 })
    .toFile(path);
}

const sheetName = (style, sheet, kind = '') => `${style}-${String(sheet).padStart(2, '0')}${kind}.webp`;

async function writeSheets(concepts, sprites) {
  const colouring = new Map();
  for (const style of styles) {
    for (let sheet = 0; sheet * SPRITES_PER_SHEET < concepts.length; sheet++) {
      const part = concepts.slice(sheet * SPRITES_PER_SHEET, (sheet + 1) * SPRITES_PER_SHEET);
      const masks = part.map((concept) => {
        const rgba = sprites.get(jobKey(style, concept.id));
        const body = bodyColour(rgba);
        const mask = recolourMask(rgba, body);
        colouring.set(jobKey(style, concept.id), { ...passingColours(rgba, mask, body), body });
        return mask;
      });
      await writeSheet(
        join(outFolder, sheetName(style, sheet)),
        part.map((c) => sprites.get(jobKey(style, c.id))),
        4,
        sheet === 0 ? FIRST_SHEET_QUALITY : QUALITY,
      );
      await writeSheet(join(outFolder, sheetName(style, sheet, '.mask')), masks, 1);
    }
  }
  return colouring;
}

function describe(concept, index, colouring) {
  return {
    id: concept.id,
    ...namesOf(concept),
    hexcode: concept.hexcode,
    placement: placementOf(concept),
    theme: themeOf(concept),
    places: placesOf(concept),
    body: bodyOf(concept.id),
    sheet: Math.floor(index / SPRITES_PER_SHEET),
    cell: index % SPRITES_PER_SHEET,
    styles: Object.fromEntries(
      styles.map((style) => {
        const { native, colours, body } = colouring.get(jobKey(style, concept.id));
        return [style, { icon: concept.icons[style], native, colours, body }];
      }),
    ),
  };
}

const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(outFolder, { recursive: true });
const concepts = chooseConcepts();
const sprites = rasterise(concepts);
const colouring = await writeSheets(concepts, sprites);
await repack(outFolder, readdirSync(outFolder).filter(isRepacked).sort());
const described = concepts.map((concept, i) => describe(concept, i, colouring));
const sources = Object.fromEntries(
  styles.map((style) => {
    const { prefix, version, artist, artistUrl, licence, licenceUrl, copyright } = sets[style];
    return [style, { set: prefix, version, artist, artistUrl, licence, licenceUrl, copyright }];
  }),
);
const lines = (items) => items.map((item) => `  ${JSON.stringify(item)}`).join(',\n');
writeFileSync(
  join(outFolder, 'concepts.json'),
  `{\n"spritePx": ${SPRITE_PX},\n"columns": ${COLUMNS},\n"recolour": ${JSON.stringify(TARGETS)},\n"sources": ${JSON.stringify(sources)},\n"concepts": [\n${lines(described)}\n]\n}\n`,
);
const fonts = JSON.parse(readFileSync(join(root, 'gpu-runtime/assets/fonts/fonts.json'), 'utf8'));
// A build elsewhere leaves the tracked NOTICE alone.
writeFileSync(outAt > 0 ? `${atlasFolder}.NOTICE` : join(root, 'NOTICE'), notice(sources, fonts));
const files = readdirSync(outFolder)
  .filter((name) => name !== 'manifest.json')
  .sort();
writeFileSync(
  join(outFolder, 'manifest.json'),
  `${JSON.stringify({ concepts: concepts.length, styles, files: Object.fromEntries(files.map((name) => [name, sha256(join(outFolder, name))])) }, null, 2)}\n`,
);
const bytes = files.reduce((sum, name) => sum + readFileSync(join(outFolder, name)).length, 0);
console.log(`${concepts.length} concepts, ${styles.length} styles, ${(bytes / 2 ** 20).toFixed(2)} MiB`);
if (bytes > MAX_BYTES) throw new Error(`atlas is larger than ${MAX_BYTES} bytes`);
rmSync(atlasFolder, { recursive: true, force: true });
renameSync(outFolder, atlasFolder);
