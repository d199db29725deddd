import type { WeightsManifest } from '@atelier/contracts';

/** A manifest of no weights at all: a 32 px model with two step schedules. */
export const FAKE_MANIFEST: WeightsManifest = {
  schemaVersion: 1,
  name: 'fake',
  profile: 'v4',
  fingerprint: 'f'.repeat(64),
  createdFrom: {},
  latent: { downsampling: 8, channels: 4 },
  sizes: [
    { widthPx: 32, heightPx: 32 },
    { widthPx: 64, heightPx: 32 },
  ],
  defaultSize: { widthPx: 32, heightPx: 32 },
  limits: { maxTextTokens: 96, maxReferences: 2, maxOutputs: 4, maxSteps: 16 },
  tasks: [
    { name: 'text-to-image', id: 0, trained: true },
    { name: 'recolour', id: 1, trained: true },
    { name: 'storyboard', id: 15, trained: true },
    { name: 'pose', id: 14, trained: false },
  ],
  steps: { default: 4, min: 1, max: 16 },
  schedules: [
    { steps: 4, t: [1, 0.75, 0.5, 0.25, 0] },
    { steps: 8, t: [1, 0.9, 0.8, 0.7, 0.55, 0.4, 0.25, 0.1, 0] },
  ],
  guidance: { default: 1, distilled: false },
  tokenizer: { file: 'none', nullTokenIds: [0] },
  vocabulary: {
    concepts: ['red-apple', 'dog'],
    styles: ['glossy', 'flat'],
    places: ['meadow', 'beach'],
    times: ['day', 'night'],
    colours: ['red', 'blue'],
  },
  graphs: {
    prefix: { file: 'none' },
    step: { file: 'none' },
    vaeDecoder: { file: 'none' },
    vaeEncoder: { file: 'none' },
  },
  network: { layers: 1, heads: 1, headDim: 4, width: 4 },
  costModel: { prefixMs: 1, stepMs: 1, decodeMs: 1, encodeMs: 1, scoreMs: 1 },
  licences: [{ name: 'fake', licence: 'MIT' }],
  evaluation: null,
  files: [{ name: 'none', bytes: 0, sha256: '0'.repeat(64) }],
};
