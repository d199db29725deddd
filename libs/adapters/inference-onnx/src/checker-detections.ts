import type { WeightsManifest } from '@atelier/contracts';
import type { WireTensor } from './session-messages.js';

/** Visible extent in fractions of the picture. */
export interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** One place where the checker sees an object, however unsure it is. */
export interface Detection {
  readonly concept: string;
  readonly probability: number;
  /** Probability of each colour of the vocabulary. */
  readonly colours: Readonly<Record<string, number>>;
  /** Probability that it was given no colour. */
  readonly naturalColour: number;
  readonly extent: Extent;
}

/** Outputs of the checker graph over a grid of cells, batch 1. */
export interface CheckerOutputs {
  /** [1, rows, columns, concepts]: probability that an object of the concept has its centre in the cell. */
  readonly concepts: WireTensor;
  /** [1, rows, columns, 1 + colours]: natural colour first, then the vocabulary's in their order. */
  readonly colours: WireTensor;
  /** [1, rows, columns, 4]: left, top, right, bottom in fractions of the picture. */
  readonly boxes: WireTensor;
}

/** Weaker peaks are noise: they would only slow the answers down. */
const MIN_PROBABILITY = 0.05;
/** Two peaks of one concept that share more of their extents than this are one object. */
const SAME_OBJECT_OVERLAP = 0.5;

/** Concept ids in the order of the checker's channels. */
export function checkerConcepts({ vocabulary }: WeightsManifest): readonly string[] {
  const ids = (vocabulary as { conceptIds?: unknown }).conceptIds;
  return Array.isArray(ids) ? ids.map(String) : vocabulary.concepts;
}

/** Names of the concepts by their ids, as far as the manifest has them. */
export function conceptNames(manifest: WeightsManifest): ReadonlyMap<string, string> {
  const names = manifest.vocabulary.conceptNames ?? [];
  return new Map(names.map((name, index) => [manifest.vocabulary.concepts[index] ?? name, name]));
}

/** Peaks of the concept maps (3 x 3 local maxima), strongest first, each object once. */
export function findDetections(outputs: CheckerOutputs, manifest: WeightsManifest): Detection[] {
  const [, rows = 0, columns = 0, channels = 0] = outputs.concepts.dims;
  const found: Detection[] = [];
  for (const [channel, concept] of checkerConcepts(manifest).entries()) {
    if (channel >= channels) break;
    for (let cell = 0; cell < rows * columns; cell++) {
      const probability = valueAt(outputs.concepts, cell, channel);
      if (probability < MIN_PROBABILITY || !isPeak(outputs.concepts, cell, channel)) continue;
      const colours = manifest.vocabulary.colours.map((colour, index) => [
        colour,
        valueAt(outputs.colours, cell, 1 + index),
      ]);
      const naturalColour = valueAt(outputs.colours, cell, 0);
      const [left, top, right, bottom] = [0, 1, 2, 3].map((edge) => valueAt(outputs.boxes, cell, edge));
      const extent = { left, top, right, bottom } as Extent;
      found.push({ concept, probability, colours: Object.fromEntries(colours), naturalColour, extent });
    }
  }
  return withoutRepeats(found.sort((a, b) => b.probability - a.probability));
}

function valueAt({ dims, data }: WireTensor, cell: number, channel: number): number {
  return Number(data[cell * (dims[3] as number) + channel]);
}

/** Of equal neighbours the first in reading order is the peak. */
function isPeak(concepts: WireTensor, cell: number, channel: number): boolean {
  const [, rows = 0, columns = 0] = concepts.dims;
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  const own = valueAt(concepts, cell, channel);
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      const neighbour = y * columns + x;
      const value = valueAt(concepts, neighbour, channel);
      if (value > own || (value === own && neighbour < cell)) return false;
    }
  }
  return true;
}

function withoutRepeats(strongestFirst: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of strongestFirst) {
    const isRepeat = kept.some(
      ({ concept, extent }) => concept === candidate.concept && overlap(extent, candidate.extent) > SAME_OBJECT_OVERLAP,
    );
    if (!isRepeat) kept.push(candidate);
  }
  return kept;
}

/** Intersection over union. */
function overlap(a: Extent, b: Extent): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (area(a) + area(b) - width * height);
}

const area = ({ left, top, right, bottom }: Extent): number => (right - left) * (bottom - top);
