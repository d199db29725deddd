import { MemoryReferenceCache } from '@atelier/cache-memory';
import { type DenoisingInput, decodeSafetensors, encodeSafetensors } from '@atelier/contracts';
import { FakeInference, type FakeInferenceOptions } from '@atelier/inference-fake';
import { InferenceInputError } from '@atelier/ports';
import { FakeClock, MemoryBlobs, stageContext } from '@atelier/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createDenoisingPolicy, type DenoisingPolicyOptions } from './index.js';

const STEPS = 8;

function input(overrides: Partial<DenoisingInput> = {}): DenoisingInput {
  return {
    task: 'text-to-image',
    sampleIndex: 0,
    candidateIndex: 1,
    plans: [{ caption: 'glossy. meadow at day <v0>. red apple <x20><y40><s24>.', layout: [] }],
    references: [],
    size: { widthPx: 32, heightPx: 32 },
    seed: 7,
    steps: STEPS,
    guidance: 1,
    precision: 'auto',
    ...overrides,
  };
}

/** The policy on the stand-in engine, each step taking `stepMs` of fake time; blobs and cache are real but in memory. */
function denoising(stepMs: number, overrides: Partial<DenoisingPolicyOptions> & FakeInferenceOptions = {}) {
  const clock = new FakeClock();
  const blobs = new MemoryBlobs();
  const cache = new MemoryReferenceCache({ capacityBytes: 1 << 20, clock });
  const inference = new FakeInference({ beforeStep: () => clock.advance(stepMs), ...overrides });
  const policy = createDenoisingPolicy({ inference, blobs, cache, clock, ...overrides });
  return { policy, blobs, cache, inference, clock };
}

const stepsOf = (items: readonly { step: number }[]): number[] => items.map(({ step }) => step);

describe('denoising', () => {
  it('writes the latents of every output as one blob under the prefix of its execution', async () => {
    const { policy, blobs } = denoising(1);
    const plans = [...input().plans, { caption: 'flat. beach at night <v1>.', layout: [] }];
    const result = await policy.execute(input({ plans }), stageContext());
    expect(result).toMatchObject({ sampleIndex: 0, candidateIndex: 1, stepsRun: STEPS, resumedFromStep: 0 });
    expect(result.latents).toMatchObject({
      key: 'ten_default/gen/stage/run-1-x1/latents.safetensors',
      contentType: 'application/x-safetensors',
    });
    const file = decodeSafetensors(await blobs.get(result.latents.key));
    expect(file.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['output.0', [4, 4, 4]],
      ['output.1', [4, 4, 4]],
    ]);
  });

  it('keeps a checkpoint after every expensive step but the last', async () => {
    const context = stageContext();
    await denoising(60).policy.execute(input(), context);
    const checkpoints = context.progressed.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint] : []));
    expect(stepsOf(checkpoints)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps checkpoints of cheap steps so that at most 500 ms are wasted', async () => {
    const context = stageContext();
    await denoising(40).policy.execute(input({ steps: 16 }), context);
    const checkpoints = context.progressed.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint] : []));
    expect(stepsOf(checkpoints)).toEqual([12]);
  });

  it('continued from any of its checkpoints writes the same bytes as undisturbed', async () => {
    const { policy, blobs, inference } = denoising(60);
    const context = stageContext();
    const undisturbed = await policy.execute(input(), context);
    for (const { checkpoint } of context.progressed) {
      if (!checkpoint) continue;
      const resumed = await policy.execute(input({ resume: checkpoint }), {
        ...stageContext(),
        blobPrefix: `again-${checkpoint.step}`,
      });
      expect(resumed.latents.sha256).toBe(undisturbed.latents.sha256);
      expect(resumed).toMatchObject({ stepsRun: STEPS - checkpoint.step, resumedFromStep: checkpoint.step });
    }
    expect(inference.calls.denoise).toBe(STEPS);
    expect(await blobs.head(undisturbed.latents.key)).not.toBeNull();
  });

  it.each([
    ['is gone', async () => undefined],
    ['is torn', async (blobs: MemoryBlobs) => blobs.put('c', new Uint8Array([1, 2, 3]), { contentType: 'x' })],
    [
      'was made by another engine',
      async (blobs: MemoryBlobs) => {
        const tensors = [{ name: 'output.0', shape: [4, 4, 4], data: new Float32Array(64) }];
        const metadata = { step: '2', engineFingerprint: 'other' };
        await blobs.put('c', encodeSafetensors({ tensors, metadata }), { contentType: 'x' });
      },
    ],
  ])('starts anew when its checkpoint %s', async (_, prepare) => {
    const { policy, blobs } = denoising(1);
    const undisturbed = await policy.execute(input(), stageContext());
    await prepare(blobs);
    const checkpoint = { key: 'c', bytes: 1, sha256: 'f'.repeat(64), contentType: 'x' };
    const again = await policy.execute(input({ resume: { step: 2, checkpoint } }), {
      ...stageContext(),
      blobPrefix: 'again',
    });
    expect(again).toMatchObject({ stepsRun: STEPS, resumedFromStep: 0 });
    expect(again.latents.sha256).toBe(undisturbed.latents.sha256);
  });

  it('shows a small preview every few hundred milliseconds of a long run', async () => {
    const { policy, blobs } = denoising(120);
    const context = stageContext();
    await policy.execute(input(), context);
    const previews = context.progressed.filter(({ preview }) => preview);
    expect(stepsOf(previews)).toEqual([3, 6]);
    const bytes = await blobs.get(previews[0]?.preview?.key as string);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 32, height: 32 });
  });

  it('shows none where decoding would take a large share of the drawing', async () => {
    const context = stageContext();
    const costModel = { prefixMs: 1, stepMs: 120, decodeMs: 2_000, encodeMs: 1 };
    await denoising(120, { manifest: { costModel } }).policy.execute(input(), context);
    expect(context.progressed.some(({ preview }) => preview)).toBe(false);
  });

  it('stops within a step of the abort and writes no latents', async () => {
    const controller = new AbortController();
    const { policy, blobs } = denoising(60);
    const context = stageContext(controller.signal);
    const progress = async (report: { step: number; steps: number }) => {
      await context.progress(report);
      if (report.step === 3) controller.abort();
    };
    await expect(policy.execute(input(), { ...context, progress })).rejects.toMatchObject({ name: 'AbortError' });
    expect(Math.max(...stepsOf(context.progressed))).toBe(3);
    expect(await blobs.head(`${context.blobPrefix}/latents.safetensors`)).toBeNull();
  });

  it('reaches its crash point after every step, with that step reported', async () => {
    const context = stageContext();
    const reached: [string, number][] = [];
    const crashPoints = { reach: (point: string) => reached.push([point, context.progressed.length - 1]) };
    await denoising(1, { crashPoints }).policy.execute(input({ steps: 2 }), context);
    expect(reached).toEqual([
      ['denoising.after-step', 1],
      ['denoising.after-step', 2],
      ['worker.after-blob', 2],
    ]);
  });

  it('refuses a precision that the worker does not compute in', async () => {
    const execution = denoising(1).policy.execute(input({ precision: 'w4a8' }), stageContext());
    await expect(execution).rejects.toBeInstanceOf(InferenceInputError);
  });
});

describe('references of a denoise', () => {
  const kvBytes = (value: number) =>
    encodeSafetensors({ metadata: {}, tensors: [{ name: 'kv', shape: [1], data: new Float32Array([value]) }] });

  /** One encoded reference whose latents are in the blob store. */
  async function reference(blobs: MemoryBlobs) {
    const tensors = [{ name: 'latents', shape: [4, 4, 4], data: new Float32Array(64).fill(0.5) }];
    const latents = await blobs.put('ref', encodeSafetensors({ metadata: {}, tensors }), { contentType: 'x' });
    return { referenceIndex: 0, latents, cacheKey: 'k', cacheHit: false, role: 'subject', weight: 1 };
  }

  it('come from the cache, and from the latents when the cache holds nothing or something corrupt', async () => {
    const { policy, blobs, cache, inference } = denoising(1);
    const references = [await reference(blobs)];
    const execute = (blobPrefix: string) => policy.execute(input({ references }), { ...stageContext(), blobPrefix });
    const rebuilt = await execute('rebuilt');
    expect(inference.calls.encodeReference).toBe(1);

    await cache.put('ten_default', 'k', new Uint8Array(16), { recomputeMs: 1_000 });
    expect((await execute('corrupt')).latents.sha256).toBe(rebuilt.latents.sha256);
    expect(inference.calls.encodeReference).toBe(2);

    await cache.put('ten_default', 'k', kvBytes(3), { recomputeMs: 1_000 });
    expect((await execute('cached')).latents.sha256).not.toBe(rebuilt.latents.sha256);
    expect(inference.calls.encodeReference).toBe(2);
  });
});
