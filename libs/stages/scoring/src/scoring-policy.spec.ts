import type { Facts, ScoringInput } from '@atelier/contracts';
import { FakeInference } from '@atelier/inference-fake';
import { MemoryBlobs, stageContext } from '@atelier/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createScoringPolicy } from './index.js';

const APPLE: Facts = { objects: [{ id: 'o1', concept: 'apple', count: 1 }], relations: [], absent: ['dog'] };
const NOTHING: Facts = { objects: [], relations: [], absent: [], place: 'beach' };

/** Scores one picture per entry of `facts`, each of another grey. */
async function scored(facts: Facts[], format: 'png' | 'webp' = 'png') {
  const blobs = new MemoryBlobs();
  const images = await Promise.all(
    facts.map(async (_, outputIndex) => {
      const background = { r: 20 * outputIndex, g: 90, b: 90 };
      const picture = sharp({ create: { width: 32, height: 32, channels: 3, background } });
      const bytes = await picture.toFormat(format).toBuffer();
      const image = await blobs.put(`image-${outputIndex}`, bytes, { contentType: `image/${format}` });
      return { sampleIndex: 1, candidateIndex: 2, outputIndex, image, widthPx: 32, heightPx: 32 };
    }),
  );
  const input: ScoringInput = { sampleIndex: 1, candidateIndex: 2, images, facts };
  const inference = new FakeInference();
  const result = await createScoringPolicy({ inference, blobs }).execute(input, stageContext());
  return { result, inference };
}

describe('scoring', () => {
  it('answers every asked fact of every picture, and scores their mean confidence', async () => {
    const { result } = await scored([APPLE, APPLE]);
    expect(result).toMatchObject({ sampleIndex: 1, candidateIndex: 2 });
    expect(result.answers.map(({ outputIndex, kind }) => [outputIndex, kind])).toEqual([
      [0, 'present'],
      [0, 'absent'],
      [1, 'present'],
      [1, 'absent'],
    ]);
    const mean = result.answers.reduce((sum, { confidence }) => sum + confidence, 0) / 4;
    expect(result.score).toBeCloseTo(mean, 12);
    expect(new Set(result.answers.map(({ confidence }) => confidence)).size).toBe(4);
  });

  it('does not ask about a picture of which nothing can be asked', async () => {
    const { result, inference } = await scored([NOTHING]);
    expect(result).toMatchObject({ score: null, answers: [] });
    expect(inference.calls.score).toBe(0);
  });

  it('looks at the decoded pixels, whatever the file format', async () => {
    const { result } = await scored([APPLE], 'webp');
    expect(result.answers).toHaveLength(2);
  });
});
