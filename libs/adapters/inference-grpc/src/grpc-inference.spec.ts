import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OnnxInference } from '@atelier/inference-onnx';
import type { DenoiseRequest, Inference, Tensor } from '@atelier/ports';
import { describeInference } from '@atelier/ports/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_WEIGHTS, tinyRuntime } from './harness/python-runtime.js';
import { GrpcInference, RuntimeProcess } from './index.js';

const DAY = 'flat. desert at day <v0>. cactus <x32><y36><s32>.';
const NIGHT = 'flat. desert at night <v0>. cactus <x32><y36><s32>.';
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
  references: false,
  scoring: false,
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
