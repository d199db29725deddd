import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Facts, WeightsManifest } from '@atelier/contracts';
import { OnnxInference } from '@atelier/inference-onnx';
import type { DenoiseRequest, Inference, Tensor } from '@atelier/ports';
import { describeInference } from '@atelier/ports/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_WEIGHTS, tinyRuntime } from './harness/python-runtime.js';
import { GrpcInference, RuntimeProcess } from './index.js';

const DAY = 'flat. desert at day <v0>. cactus <x32><y36><s32>.';
const NIGHT = 'flat. desert at night <v0>. cactus <x32><y36><s32>.';
const tiny = JSON.parse(readFileSync(join(TINY_WEIGHTS, 'manifest.json'), 'utf8')) as WeightsManifest;
/** One process serves all specs of this file; every engine is a connection of its own. */
const START_MS = 90_000;
let runtime: RuntimeProcess;

beforeAll(async () => {
  runtime = new RuntimeProcess(await tinyRuntime());
  const first = await GrpcInference.connect(runtime.socketPath, START_MS);
  await first.close();
}, START_MS);
afterAll(async () => void (await runtime.stop()));

describeInference('grpc, tiny weights in PyTorch', () => GrpcInference.connect(runtime.socketPath, START_MS), {
  caption: DAY,
  otherCaption: NIGHT,
  references: tiny.limits.maxReferences > 0,
  scoring: tiny.graphs.checker !== undefined,
});

describe('grpc inference', () => {
  let engine: GrpcInference;
  let laptop: OnnxInference;
  beforeAll(async () => {
    engine = await GrpcInference.connect(runtime.socketPath, START_MS);
    laptop = await OnnxInference.open(TINY_WEIGHTS, { threads: 1 });
  });
  afterAll(async () => {
    await engine.close();
    await laptop.close();
  });

  const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
    task: 'text-to-image',
    plans: [{ caption: DAY, layout: [] }],
    references: [],
    size: { widthPx: 64, heightPx: 64 },
    seed: 7,
    steps: 8,
    guidance: 1,
    ...overrides,
  });
  const drawn = async (by: Inference, overrides: Partial<DenoiseRequest>) => {
    const { latents } = await by.denoise(request(overrides));
    return { latents: latents[0] as Tensor, image: await by.decode(latents[0] as Tensor, request().size) };
  };

  // Two programs round differently in the last bits; a step multiplies that a little. A wrong network is off by 0.1 or more.
  it.each([
    ['plainly', {}],
    ['from another seed', { seed: 4_294_967_295 }],
    ['with guidance', { guidance: 2.5 }],
    ['in a number of steps without a schedule of its own', { steps: 5 }],
  ])('draws the picture that the laptop engine draws, %s', async (_, overrides) => {
    const [here, there] = [await drawn(engine, overrides), await drawn(laptop, overrides)];
    expect(largestDifference(here.latents.data, there.latents.data)).toBeLessThan(2e-3);
    expect(largestDifference(here.image.rgb, there.image.rgb)).toBeLessThanOrEqual(1);
  });

  it('recolours a reference picture as the laptop engine does', async () => {
    const { latents } = await drawn(engine, {});
    const kv = [await engine.encodeReference(latents), await laptop.encodeReference(latents)];
    expect(kv[0]?.shape).toEqual(kv[1]?.shape);
    expect(largestDifference(kv[0]?.data ?? [], kv[1]?.data ?? [])).toBeLessThan(1e-3);
    // One K/V for both: what one engine encoded, the other reads.
    const references = [{ kv: kv[0] as Tensor, role: 'source', weight: 1 }];
    const edit = { task: 'recolour', references, plans: [{ caption: 'make the cactus blue', layout: [] }] };
    const [here, there] = [await drawn(engine, edit), await drawn(laptop, edit)];
    expect(largestDifference(here.latents.data, there.latents.data)).toBeLessThan(2e-3);
    expect(largestDifference(here.latents.data, latents.data)).toBeGreaterThan(0.01);
  });

  it('answers the questions about a picture as the laptop engine does', async () => {
    const { image } = await drawn(engine, {});
    const [first = '', second = ''] = tiny.vocabulary.concepts;
    const facts: Facts = {
      objects: [
        { id: 'a', concept: 'cactus', count: 1, colour: 'red' },
        { id: 'b', concept: first, count: 2 },
      ],
      relations: [{ subject: 'a', relation: 'left-of', object: 'b' }],
      absent: [second, 'griffin'],
    };
    const [here, there] = [await engine.score(image, facts), await laptop.score(image, facts)];
    expect(here.map(({ question, holds }) => [question, holds])).toEqual(
      there.map(({ question, holds }) => [question, holds]),
    );
    expect(here).toHaveLength(6);
    const confidences = [here, there].map((answers) => answers.map(({ confidence }) => confidence));
    expect(largestDifference(confidences[0] ?? [], confidences[1] ?? [])).toBeLessThan(1e-3);
  });

  it('encodes a picture as the laptop engine does', async () => {
    const { image } = await drawn(engine, {});
    const [here, there] = [await engine.encode(image), await laptop.encode(image)];
    expect(here.shape).toEqual(there.shape);
    expect(largestDifference(here.data, there.data)).toBeLessThan(1e-4);
  });

  it('counts tokens as the laptop engine does, also of half a surrogate pair', () => {
    for (const caption of [DAY, '一个红苹果', 'half \ud83d']) {
      expect(engine.countTokens(caption)).toBe(laptop.countTokens(caption));
    }
  });

  it('tells healthy, loaded and warm apart and counts what it did', async () => {
    await engine.warmUp();
    expect(await engine.health()).toMatchObject({ healthy: true, loaded: true, warm: true, callsInFlight: 0 });
    expect(await engine.metrics()).toMatch(/atelier_inference_calls_total\{verb="denoise",outcome="done"\} \d+/);
  });

  it('says that the runtime is lost when nobody listens', async () => {
    await expect(GrpcInference.connect('/nonexistent/runtime.sock', 300)).rejects.toMatchObject({
      name: 'RuntimeLostError',
    });
  });
});

describe('noise of a seed', () => {
  it('has the bits that the fixture of the Python tests freezes', async () => {
    // By its address: adapters do not import each other, but this fixture binds both.
    const module = new URL('../../inference-onnx/src/gaussian-noise.ts', import.meta.url).href;
    const { gaussianNoise } = (await import(/* @vite-ignore */ module)) as {
      gaussianNoise(seed: number, output: number, length: number): Float32Array;
    };
    const fixture = fileURLToPath(new URL('../fixtures/gaussian-noise.json', import.meta.url));
    const cases = JSON.parse(readFileSync(fixture, 'utf8')) as { seed: number; output: number; bits: string[] }[];
    for (const { seed, output, bits } of cases) {
      const words = new Uint32Array(gaussianNoise(seed, output, bits.length).buffer);
      expect([...words].map((word) => word.toString(16).padStart(8, '0'))).toEqual(bits);
    }
  });
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((max, value, index) => Math.max(max, Math.abs(value - (b[index] as number))), 0);
}
