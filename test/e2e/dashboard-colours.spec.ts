import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rgb = readonly [number, number, number];

const tokens = readFileSync(new URL('../../apps/dashboard/src/styles/tokens.css', import.meta.url), 'utf8');

/** `--name: light-dark(#rrggbb, #rrggbb)` of the style sheet. */
const COLOURS = new Map(
  [...tokens.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: rgbOf(light as string), dark: rgbOf(dark as string) },
  ]),
);

const INK_ON: Readonly<Record<string, readonly string[]>> = {
  ink: ['paper', 'surface', 'sunken'],
  'ink-soft': ['paper', 'surface', 'sunken'],
  accent: ['paper', 'surface', 'sunken'],
  good: ['paper', 'surface', 'sunken'],
  bad: ['surface', 'sunken', 'error-surface'],
  'warning-ink': ['warning-surface'],
  'on-accent': ['accent', 'accent-strong'],
};
/** What has to be told from its surroundings without being read: borders of fields, bars. */
const SHAPES_ON: Readonly<Record<string, readonly string[]>> = {
  'line-strong': ['surface', 'paper'],
  ...Object.fromEntries(
    [...COLOURS.keys()].filter((name) => name.startsWith('stage-')).map((name) => [name, ['surface', 'sunken']]),
  ),
};

const pairs = (on: typeof INK_ON) => Object.entries(on).flatMap(([front, backs]) => backs.map((back) => [front, back]));

describe.each(['light', 'dark'] as const)('colours on %s', (theme) => {
  const ratio = (front: string, back: string) =>
    contrast(COLOURS.get(front)?.[theme] as Rgb, COLOURS.get(back)?.[theme] as Rgb);

  it.each(pairs(INK_ON))('text in %s on %s can be read: at least 4.5 to 1', (front, back) => {
    expect(ratio(front as string, back as string)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(SHAPES_ON))('shapes in %s stand out from %s: at least 3 to 1', (front, back) => {
    expect(ratio(front as string, back as string)).toBeGreaterThanOrEqual(3);
  });
});

function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Contrast of WCAG 2.2, 1..21. */
function contrast(a: Rgb, b: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((byte) => {
    const channel = byte / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
