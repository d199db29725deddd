import type { WeightsManifest } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { type CheckerOutputs, findDetections } from './checker-detections.js';

const manifest = {
  vocabulary: { concepts: ['Apple', 'Dog'], conceptIds: ['apple', 'dog'], colours: ['red', 'blue'] },
} as unknown as WeightsManifest;

/** Outputs over 4 x 4 cells; `peaks` lists [row, column, channel, probability], boxes are cells grown by `growth`. */
function outputs(peaks: [number, number, number, number][], growth = 0): CheckerOutputs {
  const concepts = new Float32Array(4 * 4 * 2);
  for (const [row, column, channel, probability] of peaks) concepts[(row * 4 + column) * 2 + channel] = probability;
  const boxes = Float32Array.from({ length: 64 }, (_, index) => {
    const [cell, edge] = [index >> 2, index & 3];
    const start = (edge % 2 === 0 ? cell % 4 : cell >> 2) / 4;
    return edge < 2 ? start - growth : start + 0.25 + growth;
  });
  const colours = Float32Array.from({ length: 48 }, (_, index) => [0.5, 0.2, 0.3][index % 3] as number);
  return {
    concepts: { dims: [1, 4, 4, 2], data: concepts },
    colours: { dims: [1, 4, 4, 3], data: colours },
    boxes: { dims: [1, 4, 4, 4], data: boxes },
  };
}

describe('detections', () => {
  it('are the peaks of the maps, strongest first, with the colours and the extent of their cell', () => {
    const found = findDetections(
      outputs([
        [0, 0, 0, 0.6],
        [0, 1, 0, 0.4],
        [3, 3, 1, 0.9],
      ]),
      manifest,
    );
    expect(found.map(({ concept, probability }) => [concept, probability.toFixed(1)])).toEqual([
      ['dog', '0.9'],
      ['apple', '0.6'],
    ]);
    expect(found[0]?.extent).toEqual({ left: 0.75, top: 0.75, right: 1, bottom: 1 });
    expect(found[0]?.colours.blue).toBeCloseTo(0.3);
  });

  it('count two equal neighbours once, and two peaks apart twice', () => {
    expect(
      findDetections(
        outputs([
          [1, 1, 0, 0.7],
          [1, 2, 0, 0.7],
        ]),
        manifest,
      ),
    ).toHaveLength(1);
    expect(
      findDetections(
        outputs([
          [0, 0, 0, 0.7],
          [0, 3, 0, 0.7],
        ]),
        manifest,
      ),
    ).toHaveLength(2);
  });

  it('merge peaks of one concept whose extents are nearly the same, but not of two concepts', () => {
    const near: [number, number, number, number][] = [
      [0, 0, 0, 0.7],
      [0, 2, 0, 0.6],
    ];
    expect(findDetections(outputs(near, 1), manifest)).toHaveLength(1);
    const both: [number, number, number, number][] = [
      [0, 0, 0, 0.7],
      [0, 0, 1, 0.6],
    ];
    expect(findDetections(outputs(both, 1), manifest)).toHaveLength(2);
  });

  it('leave out what is hardly there', () => {
    expect(findDetections(outputs([[0, 0, 0, 0.04]]), manifest)).toEqual([]);
  });
});
