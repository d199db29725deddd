import {
  DEFAULT_TENANT_ID,
  type Facts,
  type GenerationRequest,
  type Reference,
  WeightsManifest,
} from '@atelier/contracts';
import type { EngineDescription } from '@atelier/ports';
import { exampleRequest } from '@atelier/ports/examples';

const SHA = (digit: string): string => digit.repeat(64);

/** One picture of 64 px in four steps; a spec states only what matters to it. */
export const buildRequest = (overrides: Partial<GenerationRequest> = {}): GenerationRequest =>
  exampleRequest({ size: { widthPx: 64, heightPx: 64 }, steps: 4, model: 'spec-weights', ...overrides });

export const buildReference = (overrides: Partial<Reference> = {}): Reference => ({
  blob: { key: `${DEFAULT_TENANT_ID}/uploads/dog.png`, bytes: 18_231, sha256: SHA('a'), contentType: 'image/png' },
  role: 'subject',
  weight: 1,
  ...overrides,
});

export const buildFacts = (overrides: Partial<Facts> = {}): Facts => ({
  objects: [{ id: 'o1', concept: 'apple', count: 1, colour: 'red' }],
  relations: [],
  absent: [],
  ...overrides,
});

export const buildManifest = (overrides: Partial<WeightsManifest> = {}): WeightsManifest =>
  WeightsManifest.parse({
    schemaVersion: 1,
    name: 'spec-weights',
    profile: 'v4',
    fingerprint: SHA('f'),
    createdFrom: {},
    latent: { downsampling: 8, channels: 16 },
    sizes: [
      { widthPx: 64, heightPx: 64 },
      { widthPx: 128, heightPx: 128 },
    ],
    defaultSize: { widthPx: 64, heightPx: 64 },
    limits: { maxTextTokens: 64, maxReferences: 4, maxOutputs: 4, maxSteps: 16 },
    tasks: [
      { name: 'text-to-image', id: 0, trained: true },
      { name: 'storyboard', id: 1, trained: true },
      { name: 'inpaint', id: 2, trained: false },
    ],
    steps: { default: 4, min: 1, max: 16 },
    schedules: [{ steps: 4, t: [1, 0.75, 0.5, 0.25, 0] }],
    guidance: { default: 1, distilled: true },
    tokenizer: { file: 'tokenizer.json', nullTokenIds: [0] },
    vocabulary: { concepts: ['apple', 'dog'], styles: ['glossy'], places: ['beach'], times: ['day'], colours: ['red'] },
    graphs: {
      prefix: { file: 'prefix.onnx' },
      step: { file: 'step.onnx' },
      vaeDecoder: { file: 'decoder.onnx' },
      vaeEncoder: { file: 'encoder.onnx' },
      checker: { file: 'checker.onnx' },
    },
    network: { layers: 2, heads: 2, headDim: 32, width: 64 },
    costModel: { prefixMs: 4, stepMs: 15, decodeMs: 6, encodeMs: 8, scoreMs: 5 },
    licences: [],
    evaluation: null,
    files: [{ name: 'step.onnx', bytes: 1, sha256: SHA('e') }],
    ...overrides,
  });

export const buildEngine = (overrides: Partial<EngineDescription> = {}): EngineDescription => ({
  manifest: buildManifest(),
  engineFingerprint: SHA('e'),
  precision: 'fp32',
  maxPixels: 1 << 20,
  ...overrides,
});
