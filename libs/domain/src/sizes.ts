import type { Size, Warning, WeightsManifest } from '@atelier/contracts';

type Sizes = Pick<WeightsManifest, 'sizes' | 'defaultSize'>;

export const sizeText = (size: Size): string => `${size.widthPx}x${size.heightPx}`;

export const sameSize = (a: Size, b: Size): boolean => a.widthPx === b.widthPx && a.heightPx === b.heightPx;

export const pixelsOf = (size: Size): number => size.widthPx * size.heightPx;

const shapeOf = (size: Size): number => size.widthPx / size.heightPx;

export const isSupportedSize = (size: Size, { sizes }: Pick<Sizes, 'sizes'>): boolean =>
  sizes.some((candidate) => sameSize(candidate, size));

/**
 * The size to draw for what was asked. `auto` is the model's own size; an unsupported size becomes the nearest supported
 * one together with a warning, nothing is scaled silently. Near means: the absolute logarithms of the ratios of shape
 * (twice) and area, so that half and double are equally far and a landscape stays one; of two equally near ones the
 * smaller is taken.
 */
export function chooseSize(
  asked: Size | 'auto',
  supported: Sizes,
): { readonly size: Size; readonly warning: Warning | null } {
  if (asked === 'auto') return { size: supported.defaultSize, warning: null };
  const exact = supported.sizes.find((candidate) => sameSize(candidate, asked));
  if (exact) return { size: exact, warning: null };
  const distance = (candidate: Size): number =>
    2 * Math.abs(Math.log(shapeOf(candidate) / shapeOf(asked))) +
    Math.abs(Math.log(pixelsOf(candidate) / pixelsOf(asked)));
  const [first, ...others] = supported.sizes;
  if (!first) throw new RangeError('the manifest lists no size');
  const size = others.reduce((best, candidate) => {
    const nearer = distance(candidate) - distance(best);
    return nearer < 0 || (nearer === 0 && pixelsOf(candidate) < pixelsOf(best)) ? candidate : best;
  }, first);
  return {
    size,
    warning: {
      code: 'size_changed',
      message: `The size ${sizeText(asked)} is not supported by this model; ${sizeText(size)} was drawn instead.`,
      param: 'size',
    },
  };
}

/** Reads `256x192` or `auto`; null where the text is neither. */
export function parseSizeText(text: string): Size | 'auto' | null {
  if (text === 'auto') return 'auto';
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text);
  return match ? { widthPx: Number(match[1]), heightPx: Number(match[2]) } : null;
}
