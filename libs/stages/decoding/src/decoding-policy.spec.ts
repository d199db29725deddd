import { type DecodingInput, encodeSafetensors, type OutputFormat } from '@atelier/contracts';
import { FakeInference } from '@atelier/inference-fake';
import { InferenceInputError } from '@atelier/ports';
import { MemoryBlobs, stageContext } from '@atelier/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createDecodingPolicy, readProvenance } from './index.js';

const PROVENANCE = {
  prompt: '日落时分的海滩上，一个红色的苹果 "left of" a dog 🐕',
  seed: '4294967295',
  weights: 'f'.repeat(64),
  steps: '8',
};

/** Two outputs in one latents blob: mid grey, and a bright one. */
async function decoding(overrides: Partial<DecodingInput> = {}) {
  const blobs = new MemoryBlobs();
  const output = (level: number) => new Float32Array(64).fill(level);
  const tensors = [0, 1].map((n) => ({ name: `output.${n}`, shape: [4, 4, 4], data: output(n) }));
  const latents = await blobs.put('l', encodeSafetensors({ metadata: {}, tensors }), { contentType: 'x' });
  const input: DecodingInput = {
    sampleIndex: 2,
    candidateIndex: 1,
    outputIndex: 1,
    latents,
    size: { widthPx: 32, heightPx: 32 },
    outputFormat: 'png',
    provenance: PROVENANCE,
    ...overrides,
  };
  const policy = createDecodingPolicy({ inference: new FakeInference(), blobs });
  const execute = (blobPrefix = 'p') => policy.execute(input, { ...stageContext(), blobPrefix });
  return { blobs, execute };
}

describe('decoding', () => {
  it.each<OutputFormat>(['png', 'webp', 'jpeg'])(
    'writes its output as %s that tells how it was drawn',
    async (format) => {
      const { blobs, execute } = await decoding({ outputFormat: format });
      const result = await execute();
      expect(result).toMatchObject({ sampleIndex: 2, candidateIndex: 1, outputIndex: 1, widthPx: 32, heightPx: 32 });
      expect(result.image).toMatchObject({ key: `p/image.${format}`, contentType: `image/${format}` });
      const bytes = await blobs.get(result.image.key);
      expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 32, height: 32, channels: 3 });
      expect(await readProvenance(bytes)).toEqual(PROVENANCE);
      const { channels } = await sharp(bytes).stats();
      expect(Math.abs((channels[0]?.mean ?? 0) - 224)).toBeLessThan(3);
    },
  );

  it('writes the same bytes for the same input, whatever the order of its provenance', async () => {
    const first = await decoding();
    const shuffled = await decoding({ provenance: Object.fromEntries(Object.entries(PROVENANCE).reverse()) });
    expect((await shuffled.execute()).image.sha256).toBe((await first.execute()).image.sha256);
  });

  it('keeps every pixel in a PNG', async () => {
    const { blobs, execute } = await decoding({ outputIndex: 0 });
    const pixels = await sharp(await blobs.get((await execute()).image.key))
      .raw()
      .toBuffer();
    expect(new Set(pixels)).toEqual(new Set([128]));
  });

  it('shortens only what does not fit into the metadata of a JPEG', async () => {
    const { blobs, execute } = await decoding({
      outputFormat: 'jpeg',
      provenance: { prompt: '海'.repeat(10_000), caption: '滩'.repeat(9_000), seed: '7' },
    });
    const told = await readProvenance(await blobs.get((await execute()).image.key));
    expect(told).toMatchObject({ seed: '7', prompt: expect.stringMatching(/^海{1000,}…$/) });
  });

  it('says nothing about itself without provenance', async () => {
    for (const outputFormat of ['png', 'webp', 'jpeg'] as const) {
      const { blobs, execute } = await decoding({ outputFormat, provenance: {} });
      expect(await readProvenance(await blobs.get((await execute()).image.key))).toEqual({});
    }
  });

  it('refuses latents that are not finite', async () => {
    const { blobs } = await decoding();
    const data = new Float32Array(64).fill(Number.NaN);
    const bytes = encodeSafetensors({ metadata: {}, tensors: [{ name: 'output.1', shape: [4, 4, 4], data }] });
    const poisoned = await decoding({ latents: await blobs.put('n', bytes, { contentType: 'x' }) });
    await poisoned.blobs.put('n', bytes, { contentType: 'x' });
    await expect(poisoned.execute()).rejects.toBeInstanceOf(InferenceInputError);
  });
});
