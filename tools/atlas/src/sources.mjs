import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const readJson = (specifier) => JSON.parse(readFileSync(require.resolve(specifier), 'utf8'));

/** Style word of the world -> the drawing set it comes from. */
export const STYLES = {
  glossy: 'fluent-emoji',
  flat: 'twemoji',
  soft: 'noto',
  vector: 'fluent-emoji-flat',
};

/** Full licence texts or their addresses travel in each package; only the facts are repeated here. */
const COPYRIGHT = {
  'fluent-emoji': 'Copyright (c) Microsoft Corporation',
  'fluent-emoji-flat': 'Copyright (c) Microsoft Corporation',
  noto: 'Copyright Google LLC',
  twemoji: 'Copyright Twitter, Inc and other contributors',
};

export const slug = (label) =>
  label
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[’'“”.!()]/g, '')
    .replace(/&/g, 'and')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

const codePointKey = (hexcode) => hexcode.toLowerCase().replace(/-fe0f/g, '').replace(/-200d/g, '-');

/** One drawing set: finds an icon by code point, else by name (some sets ship an empty code point table). */
export function openSet(prefix) {
  const icons = readJson(`@iconify-json/${prefix}/icons.json`);
  const info = readJson(`@iconify-json/${prefix}/info.json`);
  const { version } = readJson(`@iconify-json/${prefix}/package.json`);
  const byCodePoint = new Map(
    Object.entries(readJson(`@iconify-json/${prefix}/chars.json`)).map(([key, name]) => [codePointKey(key), name]),
  );
  const has = (name) => name in icons.icons || name in (icons.aliases ?? {});
  return {
    prefix,
    version,
    artist: info.author.name,
    artistUrl: info.author.url,
    licence: info.license.spdx,
    licenceUrl: info.license.url,
    copyright: COPYRIGHT[prefix],
    find(hexcode, label) {
      const name = byCodePoint.get(codePointKey(hexcode)) ?? slug(label);
      return has(name) ? name : undefined;
    },
    icon(name) {
      const seen = icons.icons[name] ?? icons.icons[icons.aliases[name].parent];
      return {
        body: seen.body.replace(/currentColor/g, '#1b1b1f'),
        left: seen.left ?? icons.left ?? 0,
        top: seen.top ?? icons.top ?? 0,
        width: seen.width ?? icons.width ?? 16,
        height: seen.height ?? icons.height ?? 16,
      };
    },
  };
}

/** All base emoji with English and Chinese names, in CLDR order. */
export function openNames() {
  const chinese = new Map(readJson('emojibase-data/zh/data.json').map((entry) => [entry.hexcode, entry]));
  const { groups, subgroups } = readJson('emojibase-data/meta/groups.json');
  return readJson('emojibase-data/en/data.json')
    .filter((entry) => entry.group !== undefined)
    .sort((a, b) => a.order - b.order)
    .map((entry) => ({
      hexcode: entry.hexcode,
      id: slug(entry.label),
      label: entry.label,
      labelZh: chinese.get(entry.hexcode)?.label ?? entry.label,
      tags: entry.tags ?? [],
      tagsZh: chinese.get(entry.hexcode)?.tags ?? [],
      group: groups[entry.group],
      subgroup: subgroups[entry.subgroup],
    }));
}
