import { fileURLToPath } from 'node:url';
import { type DenoiseRequest, InferenceInputError, type Tensor } from '@atelier/ports';
import { describeInference } from '@atelier/ports/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxInference } from './index.js';

/** A weights folder with the real graph contract and almost no numbers (`fixtures/make_miniature.py`). */
const MINIATURE = fileURLToPath(new URL('../fixtures/miniature', import.meta.url));
const CAPTION = 'red apple <x20><y40><s24>.';

describeInference('onnx, miniature weights', () => OnnxInference.open(MINIATURE), {
  caption: CAPTION,
  otherCaption: 'dog.',
  references: true,
  scoring: true,
});

describe('onnx inference', () => {
  let engine: OnnxInference;
  beforeAll(async () => {
    engine = await OnnxInference.open(MINIATURE);
    await engine.warmUp();
  });
  afterAll(() => engine.close());

  const plan = (caption: string) => ({ caption, layout: [] });
  const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
    task: 'text-to-image',
    plans: [plan(CAPTION)],
    references: [],
    size: { widthPx: 32, heightPx: 32 },
    seed: 7,
    steps: 4,
    guidance: 1,
    ...overrides,
  });
  const latentsOf = async (overrides: Partial<DenoiseRequest> = {}) =>
    (await engine.denoise(request(overrides))).latents;
  /** Largest difference of two latents of one shape. */
  const distance = (a: Tensor | undefined, b: Tensor | undefined): number =>
    Math.max(...[...(a as Tensor).data].map((value, index) => Math.abs(value - ((b as Tensor).data[index] as number))));

  it('moves away from no caption with guidance, by as much as is asked', async () => {
    const [unguided, guided, stronger] = [
      await latentsOf(),
      await latentsOf({ guidance: 2 }),
      await latentsOf({ guidance: 4 }),
    ];
    expect(distance(guided[0], unguided[0])).toBeGreaterThan(0.01);
    expect(distance(stronger[0], unguided[0])).toBeGreaterThan(distance(guided[0], unguided[0]));
  });

  it('draws several outputs at once, each with noise of its own and knowing every caption', async () => {
    const pair = await latentsOf({ plans: [plan('red apple'), plan('dog')] });
    expect(pair.map(({ shape }) => shape)).toEqual([
      [4, 4, 4],
      [4, 4, 4],
    ]);
    expect(distance(pair[0], pair[1])).toBeGreaterThan(0.01);
    const other = await latentsOf({ plans: [plan('red apple'), plan('cat')] });
    expect(distance(pair[0], other[0])).toBeGreaterThan(1e-4);
  });

  it('draws a wide picture with latents of its proportions', async () => {
    const [latents] = await latentsOf({ size: { widthPx: 64, heightPx: 32 } });
    expect(latents?.shape).toEqual([4, 8, 4]);
  });

  it('lets the task reach the network', async () => {
    expect(distance((await latentsOf({ task: 'recolour' }))[0], (await latentsOf())[0])).toBeGreaterThan(1e-4);
  });

  describe('references', () => {
    const encoded = async (level: number) => {
      const latents = { shape: [4, 4, 4], data: new Float32Array(64).map((_, index) => level * Math.sin(index)) };
      return { kv: await engine.encodeReference(latents), role: 'source', weight: 1 };
    };
    const recolour = (references: DenoiseRequest['references']) => latentsOf({ task: 'recolour', references });

    it('reach the network, and their order does', async () => {
      const [bright, dark] = [await encoded(1), await encoded(-2)];
      const [none, one, both, swapped] = [
        await recolour([]),
        await recolour([bright]),
        await recolour([bright, dark]),
        await recolour([dark, bright]),
      ];
      expect(distance(none[0], one[0])).toBeGreaterThan(1e-3);
      expect(distance(one[0], both[0])).toBeGreaterThan(1e-3);
      expect(distance(both[0], swapped[0])).toBeGreaterThan(1e-5);
    });

    it('encoded at another size, or with a weight, are refused', async () => {
      const reference = await encoded(1);
      const size = { widthPx: 64, heightPx: 32 };
      await expect(latentsOf({ references: [reference], size })).rejects.toBeInstanceOf(InferenceInputError);
      const weighted = [{ ...reference, weight: 0.5 }];
      await expect(latentsOf({ references: weighted })).rejects.toBeInstanceOf(InferenceInputError);
    });
  });

  describe('in 8 bit', () => {
    let quantised: OnnxInference;
    beforeAll(async () => {
      quantised = await OnnxInference.open(MINIATURE, { precision: 'int8' });
    });
    afterAll(() => quantised.close());

    it('draws nearly the same latents, and says that it is another engine', async () => {
      const [exact] = await latentsOf();
      const [rounded] = (await quantised.denoise(request())).latents;
      // Rounding shows, and stays below a twentieth of the range: a graph with a wrong scale is off by its whole size.
      expect(distance(rounded, exact)).toBeGreaterThan(0);
      expect(distance(rounded, exact)).toBeLessThan(0.05 * Math.max(...(exact as Tensor).data.map(Math.abs)));
      expect(quantised.describe().precision).toBe('int8');
      expect(quantised.describe().engineFingerprint).not.toBe(engine.describe().engineFingerprint);
    });

    it('is refused with the precisions that there are where the weights have no such graph', async () => {
      const opening = OnnxInference.open(MINIATURE, { precision: 'w4a8' });
      await expect(opening).rejects.toThrow('they compute in fp32, int8, not in w4a8');
    });
  });

  it('keeps a flat picture through encode and decode', async () => {
    const size = { widthPx: 32, heightPx: 32 };
    const rgb = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => [200, 100, 50][index % 3] as number);
    expect((await engine.decode(await engine.encode({ ...size, rgb }), size)).rgb).toEqual(rgb);
  });

  it('asks the checker about the pixels of the picture', async () => {
    const size = { widthPx: 32, heightPx: 32 };
    const flat = (level: number) => ({ ...size, rgb: new Uint8Array(32 * 32 * 3).fill(level) });
    const facts = { objects: [{ id: 'o1', concept: 'apple', count: 1 }], relations: [], absent: [] };
    expect(await engine.score(flat(255), facts)).toMatchObject([{ kind: 'present', holds: true, confidence: 1 }]);
    expect(await engine.score(flat(0), facts)).toMatchObject([{ kind: 'present', holds: false, confidence: 0 }]);
  });

  it('names the caption that is too long with its tokens and the limit', async () => {
    const execution = engine.denoise(request({ plans: [plan('apple '.repeat(100))] }));
    await expect(execution).rejects.toThrow('602 text tokens, the limit is 200');
  });
});
