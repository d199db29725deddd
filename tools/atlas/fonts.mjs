// Builds gpu-runtime/assets/fonts: subsets of open fonts for text in pictures. Usage: node fonts.mjs [--out <folder>]
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const outAt = process.argv.indexOf('--out');
const outFolder = outAt > 0 ? process.argv[outAt + 1] : join(root, 'gpu-runtime/assets/fonts');

/** Font word of the world -> package, weight, script; `test` fonts are never drawn for training (split S7). */
const FONTS = {
  plain: { name: 'inter', weight: '600SemiBold', script: 'latin', use: 'train' },
  round: { name: 'baloo-2', weight: '700Bold', script: 'latin', use: 'train' },
  slab: { name: 'roboto-slab', weight: '700Bold', script: 'latin', use: 'train' },
  comic: { name: 'bangers', weight: '400Regular', script: 'latin', use: 'train' },
  script: { name: 'pacifico', weight: '400Regular', script: 'latin', use: 'train' },
  mono: { name: 'jetbrains-mono', weight: '700Bold', script: 'latin', use: 'test' },
  math: { name: 'noto-sans-math', weight: '400Regular', script: 'math', use: 'train' },
  hei: { name: 'noto-sans-sc', weight: '700Bold', script: 'chinese', use: 'train' },
  song: { name: 'noto-serif-sc', weight: '700Bold', script: 'chinese', use: 'test' },
};
const LATIN = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
const ITALIC = Array.from({ length: 52 }, (_, i) => String.fromCodePoint(0x1d434 + i)).join('');
const MATH = `${LATIN}${ITALIC}ℎ×÷±−=≠≤≥≈∞√∑∫∏∂πθαβγδλμσφωΔΩ→∈∪∩′·…`;

/** Every character that the world writes in Chinese: names of things, words of captions, and common words of signs. */
function chineseCharacters() {
  const atlas = JSON.parse(readFileSync(join(root, 'gpu-runtime/assets/atlas/concepts.json'), 'utf8'));
  const names = atlas.concepts.flatMap((concept) => [concept.nameZh, ...concept.synonymsZh]);
  const world = join(root, 'gpu-runtime/src/atelier_runtime/world');
  const sources = readdirSync(world, { recursive: true })
    .filter((name) => name.endsWith('.py'))
    .sort();
  const words = sources.map((name) => readFileSync(join(world, name), 'utf8')).join('');
  const kept = [...names.join(''), ...words].filter((c) => c.codePointAt(0) >= 0x2e80);
  return [...new Set(kept)].sort().join('');
}

const CHARACTERS = { latin: LATIN, math: MATH, chinese: `${LATIN}“”‘’…—·×−${chineseCharacters()}` };

/** The notice that every copy of an open font must carry. */
const licenceOf = (folder) =>
  readFileSync(join(folder, 'LICENSE_FONT'), 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n/g, '\n');

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(outFolder, { recursive: true });
const described = {};
for (const [word, { name, weight, script, use }] of Object.entries(FONTS)) {
  const folder = dirname(require.resolve(`@expo-google-fonts/${name}/package.json`));
  const file = readdirSync(join(folder, weight)).find((entry) => entry.endsWith('.ttf'));
  const subset = await subsetFont(readFileSync(join(folder, weight, file)), CHARACTERS[script], {
    targetFormat: 'sfnt',
  });
  writeFileSync(join(outFolder, `${word}.ttf`), subset);
  writeFileSync(join(outFolder, `${word}.licence.txt`), licenceOf(folder));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const licence = licenceOf(folder);
  described[word] = {
    family: name,
    version,
    weight,
    script,
    use,
    characters: [...CHARACTERS[script]].length,
    licence: /Apache License/.test(licence) ? 'Apache-2.0' : 'OFL-1.1',
    copyright: /^Copyright.*$/m.exec(licence)?.[0] ?? 'see the licence file',
    sha256: createHash('sha256').update(subset).digest('hex'),
  };
  console.log(`${word}: ${name} ${weight}, ${(subset.length / 1024).toFixed(0)} KiB`);
}
writeFileSync(join(outFolder, 'fonts.json'), `${JSON.stringify(described, null, 2)}\n`);
