import { WeightsManifest } from '@atelier/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latentShape } from './denoise-request.js';
import {
  type DenoiseRequest,
  type DenoiseState,
  type Inference,
  InferenceInputError,
  type RgbImage,
  type Tensor,
} from './inference.port.js';

export interface InferenceFeatures {
  /** A caption the engine can draw. */
  readonly caption: string;
  /** Another one that must give another picture. */
  readonly otherCaption: string;
  /** `encodeReference` works. */
  readonly references: boolean;
  /** `score` answers; an engine without a checker network answers an empty list. */
  readonly scoring: boolean;
}

/** One suite for every engine: `open` makes a fresh one. */
export function describeInference(
  name: string,
  open: () => Promise<Inference>,
  { caption, otherCaption, references, scoring }: InferenceFeatures,
): void {
  describe(`inference: ${name}`, () => {
    let engine: Inference;
    let steps: number;
    beforeAll(async () => {
      engine = await open();
      steps = Math.max(3, engine.describe().manifest.steps.min);
    });
    afterAll(() => engine.close());

    const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => {
      const { manifest } = engine.describe();
      return {
        task: 'text-to-image',
        plans: [{ caption, layout: [] }],
        references: [],
        size: manifest.defaultSize,
        seed: 7,
        steps,
        guidance: manifest.guidance.default,
        ...overrides,
      };
    };
    /** Latents of an undisturbed denoise. */
    const denoised = async (overrides: Partial<DenoiseRequest> = {}) =>
      (await engine.denoise(request(overrides))).latents;
    /** The states after every step. */
    const statesOf = async (overrides: Partial<DenoiseRequest> = {}) => {
      const states: DenoiseState[] = [];
      await engine.denoise(request(overrides), { onStep: async ({ state }) => void states.push(state) });
      return states;
    };

    describe('describe', () => {
      it('gives a manifest that fits its contract and a fingerprint', () => {
        const { manifest, engineFingerprint, maxPixels } = engine.describe();
        expect(() => WeightsManifest.parse(manifest)).not.toThrow();
        expect(engineFingerprint).not.toBe('');
        expect(maxPixels).toBeGreaterThanOrEqual(manifest.defaultSize.widthPx * manifest.defaultSize.heightPx);
      });
    });

    describe('denoise', () => {
      it('gives the same bytes for the same request, and finite latents of the described shape', async () => {
        const [first, second] = [await denoised(), await denoised()];
        expect(bytesOf(second)).toEqual(bytesOf(first));
        expect(first).toHaveLength(1);
        expect(first[0]?.shape).toEqual(latentShape(request().size, engine.describe().manifest));
        expect(first[0]?.data.every(Number.isFinite)).toBe(true);
      });

      it('gives other bytes for another seed and for another caption', async () => {
        const undisturbed = bytesOf(await denoised());
        expect(bytesOf(await denoised({ seed: 8 }))).not.toEqual(undisturbed);
        expect(bytesOf(await denoised({ plans: [{ caption: otherCaption, layout: [] }] }))).not.toEqual(undisturbed);
      });

      it('resumed from every step gives the bytes of the undisturbed denoise and runs only the rest', async () => {
        const undisturbed = bytesOf(await denoised());
        const states = await statesOf();
        expect(states.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, index) => index + 1));
        for (const resume of states) {
          const resumed = await engine.denoise(request({ resume }));
          expect(bytesOf(resumed.latents)).toEqual(undisturbed);
          expect(resumed.stepsRun).toBe(steps - resume.step);
        }
      });

      it('reports each step once, with a prediction of the clean latents that ends in the result', async () => {
        const predictions: Tensor[] = [];
        const { latents } = await engine.denoise(request(), {
          onStep: async (progress) => {
            expect(progress.steps).toBe(steps);
            predictions.push(progress.predictedClean[0] as Tensor);
          },
        });
        expect(predictions).toHaveLength(steps);
        expect(predictions.every(({ shape }) => `${shape}` === `${latents[0]?.shape}`)).toBe(true);
        const last = predictions.at(-1)?.data as Float32Array;
        const largest = last.reduce((max, value, i) => Math.max(max, Math.abs(value - (latents[0]?.data[i] ?? 0))), 0);
        expect(largest).toBeLessThan(1e-3);
      });

      it('waits for the step hook, and fails with what it throws', async () => {
        let waiting = false;
        const failing = engine.denoise(request(), {
          onStep: async ({ step }) => {
            expect(waiting).toBe(false);
            waiting = true;
            await new Promise((resolve) => setImmediate(resolve));
            waiting = false;
            if (step === 2) throw new Error('disk full');
          },
        });
        await expect(failing).rejects.toThrow('disk full');
      });

      it('aborted during a step runs no further one', async () => {
        const controller = new AbortController();
        const stepsSeen: number[] = [];
        const aborted = engine.denoise(request(), {
          signal: controller.signal,
          onStep: async ({ step }) => {
            stepsSeen.push(step);
            // Fires while the next step is under way, or in its hook at the latest.
            if (step === 1) setImmediate(() => controller.abort());
            else await new Promise((resolve) => setImmediate(resolve));
          },
        });
        await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
        expect(stepsSeen.length).toBeLessThanOrEqual(2);
      });

      it('aborted before it starts runs no step', async () => {
        const stepsSeen: number[] = [];
        const aborted = engine.denoise(request(), {
          signal: AbortSignal.abort(),
          onStep: async ({ step }) => void stepsSeen.push(step),
        });
        await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
        expect(stepsSeen).toEqual([]);
      });

      it('is not disturbed by other denoises that run at the same time, nor by one that aborts', async () => {
        const alone = [bytesOf(await denoised()), bytesOf(await denoised({ seed: 8 }))];
        const controller = new AbortController();
        const [first, second, aborted] = await Promise.allSettled([
          denoised(),
          denoised({ seed: 8 }),
          engine.denoise(request({ seed: 9 }), {
            signal: controller.signal,
            onStep: async () => controller.abort(),
          }),
        ]);
        expect([first, second].map((result) => result.status === 'fulfilled' && bytesOf(result.value))).toEqual(alone);
        expect(aborted.status).toBe('rejected');
      });

      it('runs any number of steps that the manifest allows', async () => {
        const { min, max } = engine.describe().manifest.steps;
        for (const asked of new Set([min, Math.min(max, min + 1), Math.min(max, 11)])) {
          const { stepsRun } = await engine.denoise(request({ steps: asked }));
          expect(stepsRun).toBe(asked);
        }
      });

      const state = (overrides: Partial<DenoiseState> = {}): DenoiseState => {
        const { manifest, engineFingerprint } = engine.describe();
        const shape = latentShape(manifest.defaultSize, manifest);
        return { step: 1, engineFingerprint, latents: [zeros(shape)], ...overrides };
      };
      const plan = { caption, layout: [] };
      it.each<[string, () => Partial<DenoiseRequest>]>([
        ['an unknown task', () => ({ task: 'levitate' })],
        ['a size that is not in the manifest', () => ({ size: { widthPx: 48, heightPx: 17 } })],
        ['no output', () => ({ plans: [] })],
        ['too many outputs', () => ({ plans: Array(engine.describe().manifest.limits.maxOutputs + 1).fill(plan) })],
        ['an empty caption', () => ({ plans: [{ caption: ' ', layout: [] }] })],
        ['a caption beyond the text limit', () => ({ plans: [{ caption: 'red apple. '.repeat(2_000), layout: [] }] })],
        ['zero steps', () => ({ steps: 0 })],
        ['too many steps', () => ({ steps: engine.describe().manifest.steps.max + 1 })],
        ['half a step', () => ({ steps: 3.5 })],
        ['a seed beyond 32 bits', () => ({ seed: 2 ** 32 })],
        ['guidance that is not a number', () => ({ guidance: Number.NaN })],
        ['a state of another engine', () => ({ resume: state({ engineFingerprint: 'other' }) })],
        ['a state of another shape', () => ({ resume: state({ latents: [zeros([1, 1, 1])] }) })],
        ['a state beyond the last step', () => ({ resume: state({ step: steps + 1 }) })],
        ['a state that is not finite', () => ({ resume: state({ latents: [poisoned(state().latents[0])] }) })],
      ])('refuses %s as input that can never succeed', async (_, overrides) => {
        await expect(engine.denoise(request(overrides()))).rejects.toBeInstanceOf(InferenceInputError);
      });
    });

    describe('decode and encode', () => {
      it('turn latents into a picture of the asked size and back into latents of their shape', async () => {
        const [latents] = await denoised();
        const { defaultSize } = engine.describe().manifest;
        const image = await engine.decode(latents as Tensor, defaultSize);
        expect(image).toMatchObject(defaultSize);
        expect(image.rgb).toHaveLength(defaultSize.widthPx * defaultSize.heightPx * 3);
        expect((await engine.encode(image)).shape).toEqual(latents?.shape);
      });

      it('give the same bytes for the same input', async () => {
        const [latents] = await denoised();
        const size = engine.describe().manifest.defaultSize;
        const [first, second] = await Promise.all([
          engine.decode(latents as Tensor, size),
          engine.decode(latents as Tensor, size),
        ]);
        expect(second.rgb).toEqual(first.rgb);
      });

      it('refuse latents of another shape, latents that are not finite, and a torn picture', async () => {
        const { manifest } = engine.describe();
        const size = manifest.defaultSize;
        const latents = zeros(latentShape(size, manifest));
        await expect(engine.decode(zeros([1, 1, 1]), size)).rejects.toBeInstanceOf(InferenceInputError);
        await expect(engine.decode(poisoned(latents), size)).rejects.toBeInstanceOf(InferenceInputError);
        await expect(engine.encode({ ...size, rgb: new Uint8Array(5) })).rejects.toBeInstanceOf(InferenceInputError);
      });
    });

    describe('references', () => {
      it(
        references ? 'become K/V of the network' : 'are refused by weights that were not trained for them',
        async () => {
          const { manifest } = engine.describe();
          const latents = zeros(latentShape(manifest.defaultSize, manifest));
          const encoding = engine.encodeReference(latents);
          if (!references) return expect(encoding).rejects.toBeInstanceOf(InferenceInputError);
          const { layers, heads, headDim } = manifest.network;
          const kv = await encoding;
          expect(kv.shape).toEqual([layers, 2, heads, expect.any(Number), headDim]);
        },
      );
    });

    describe('score', () => {
      it(scoring ? 'answers once per asked fact' : 'answers nothing without a checker network', async () => {
        const { manifest } = engine.describe();
        const size = manifest.defaultSize;
        const image: RgbImage = { ...size, rgb: new Uint8Array(size.widthPx * size.heightPx * 3).fill(90) };
        const { conceptIds, concepts } = manifest.vocabulary as { conceptIds?: string[]; concepts: string[] };
        const [concept = '', absent = ''] = conceptIds ?? concepts;
        const facts = { objects: [{ id: 'o1', concept, count: 1 }], relations: [], absent: [absent] };
        const answers = await engine.score(image, facts);
        expect(answers.map(({ kind }) => kind)).toEqual(scoring ? ['present', 'absent'] : []);
        expect(answers.every(({ confidence }) => confidence >= 0 && confidence <= 1)).toBe(true);
      });
    });

    describe('countTokens', () => {
      it('counts more tokens for a longer caption', () => {
        const one = engine.countTokens(caption);
        expect(one).toBeGreaterThan(0);
        expect(engine.countTokens(`${caption} ${caption}`)).toBeGreaterThan(one);
      });
    });

    describe('close', () => {
      it('ends the engine: later calls fail instead of hanging', async () => {
        const other = await open();
        await other.close();
        await expect(other.denoise(request())).rejects.toThrow();
      });
    });
  });
}

const bytesOf = (latents: readonly Tensor[]): string =>
  latents.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')).join();

const zeros = (shape: readonly number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, length) => product * length, 1)),
});

function poisoned(tensor: Tensor | undefined): Tensor {
  const { shape, data } = tensor as Tensor;
  const copy = Float32Array.from(data);
  copy[copy.length - 1] = Number.NaN;
  return { shape, data: copy };
}
